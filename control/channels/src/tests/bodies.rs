//! Bodies of channels: what is refused, what a patch may do, and that stored parts make the same settings again.

use serde_json::{Value, json};

use super::{body, settings};
use crate::{Body, Kind, Settings, Webhook, fresh_secret};

fn pointers(body: &Value) -> Vec<String> {
    Body::parse(body).unwrap_err().into_iter().map(|problem| problem.pointer).collect()
}

#[test]
fn every_bad_field_is_named() {
    let cases = [
        (json!({"name": "", "kind": "fax", "colour": 1}), vec!["/name", "/kind", "/settings", "/colour"]),
        (
            json!({"name": "a", "kind": "webhook", "settings": {"url": "x", "secret": "y", "z": 1}}),
            vec!["/settings/url", "/settings/secret", "/settings/z"],
        ),
        (
            json!({"name": "a", "kind": "webhook", "settings": {}, "secret": "x"}),
            vec!["/settings/url", "/settings/secret", "/secret"],
        ),
        (json!({"name": "a", "kind": "email", "settings": {"to": ["x", "a@b.example"]}}), vec!["/settings/to/0"]),
        (json!({"name": "a", "kind": "email", "settings": {}}), vec!["/settings/to"]),
        (json!({"name": "a", "kind": "slack", "settings": {"url": "https://u:p@x.example/"}}), vec!["/settings/url"]),
        (
            json!({"name": "a", "kind": "telegram", "settings": {"token": "1:/x", "chat_id": 7, "api_url": "?"}}),
            vec!["/settings/token", "/settings/chat_id", "/settings/api_url"],
        ),
        (
            json!({"name": "a", "kind": "pagerduty", "settings": {"routing_key": "short"}}),
            vec!["/settings/routing_key"],
        ),
        (
            json!({"name": "a", "kind": "ntfy", "settings": {"topic": "a/b", "server": "https://x.example/?y"}}),
            vec!["/settings/server", "/settings/topic"],
        ),
        (json!("no"), vec![""]),
    ];
    for (body, expected) in cases {
        let mut found = pointers(&body);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn stored_parts_are_the_same_settings_again() {
    for kind in Kind::ALL {
        let settings = settings(*kind);
        let (shown, secrets) = settings.parts();
        for name in kind.secrets() {
            assert!(shown.get(name).is_none(), "{kind} shows {name}");
        }
        assert_eq!(secrets.is_some(), *kind != Kind::Email, "{kind}");
        assert_eq!(Settings::join(*kind, shown, secrets).unwrap(), settings);
    }
    assert!(Settings::join(Kind::Slack, json!({}), None).is_err());
}

#[test]
fn a_patch_keeps_what_it_does_not_name() {
    for kind in Kind::ALL {
        let old = Body::parse(&body(*kind)).unwrap();
        let new = old.clone().merge(&json!({"name": "Night", "enabled": false})).unwrap();
        assert_eq!(new, Body { name: "Night".to_owned(), enabled: false, settings: old.settings });
    }
    let email = Body::parse(&body(Kind::Email)).unwrap();
    assert_eq!(
        email.clone().merge(&json!({"settings": {"owners": false}})).unwrap().settings.parts().0["to"],
        json!(["ops@example.org"])
    );
    assert_eq!(email.clone().merge(&json!({"kind": "slack"})).unwrap_err()[0].pointer, "/settings/url");
    let slack = Body::parse(&body(Kind::Slack)).unwrap();
    let as_discord = slack.merge(&json!({"kind": "discord"})).unwrap_err();
    assert_eq!(as_discord[0].pointer, "/kind");
}

#[test]
fn a_stored_secret_is_not_sent_to_somebody_new() {
    let cases = [
        (Kind::Ntfy, "server", "token", json!("tk_2")),
        (Kind::Telegram, "api_url", "token", json!("1:b")),
        (Kind::Pagerduty, "api_url", "routing_key", json!("b".repeat(32))),
    ];
    for (kind, destination, secret, value) in cases {
        let old = Body::parse(&body(kind)).unwrap();
        let moved = json!({"settings": {destination: "https://evil.example"}});
        assert_eq!(old.clone().merge(&moved).unwrap_err()[0].pointer, format!("/settings/{secret}"));
        let known = json!({"settings": {destination: "https://mine.example", secret: value}});
        old.clone().merge(&known).unwrap();
        // The same one written in another way is no other.
        let same = old.settings.parts().0[destination].as_str().unwrap().trim_end_matches('/').to_owned();
        assert_eq!(old.clone().merge(&json!({"settings": {destination: same}})).unwrap(), old);
    }
    let ntfy = Body::parse(&body(Kind::Ntfy)).unwrap();
    ntfy.merge(&json!({"settings": {"server": "https://mine.example", "token": null}})).unwrap();
}

#[test]
fn a_replaced_signing_secret_stays_for_a_day() {
    let Settings::Webhook(webhook) = settings(Kind::Webhook) else { panic!("no webhook") };
    let rotated = |webhook: Webhook, now| webhook.rotated(fresh_secret().unwrap(), now);
    let once = Body { name: "a".to_owned(), enabled: true, settings: Settings::Webhook(rotated(webhook, 100)) };
    let (_, secrets) = once.settings.parts();
    assert_eq!(secrets.unwrap()["previous"], json!({"secret": super::SECRET, "until": 100 + 86_400}));
    let renamed = once.clone().merge(&json!({"name": "b"})).unwrap();
    assert_eq!(renamed.settings, once.settings);
    let replaced = once.merge(&json!({"settings": {"secret": super::SECRET}})).unwrap();
    assert!(replaced.settings.parts().1.unwrap().get("previous").is_none());
}
