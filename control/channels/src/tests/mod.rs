//! What each kind of channel is sent, as snapshots; and that nothing of it is longer than its vendor takes.

use chrono::DateTime;
use domain::{
    incident::{self, Closing, Level, State, What},
    message::{About, Message, Monitor, Notification, RegionVote, Severity},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Body, Draft, Kind, Links, Settings, digests, render};

mod answers;
mod bodies;
mod limits;
mod mails;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OPENED: i64 = 1_767_225_600;

fn links() -> Links {
    Links { public_url: "https://up.example.org".parse().unwrap() }
}

/// A good body of each kind.
fn body(kind: Kind) -> Value {
    let settings = match kind {
        Kind::Webhook => json!({"url": "https://hooks.example.org/up?team=1", "secret": SECRET}),
        Kind::Email => json!({"owners": true, "to": ["ops@example.org"]}),
        Kind::Slack => json!({"url": "https://hooks.slack.com/services/T000/B000/XXXX"}),
        Kind::Discord => json!({"url": "https://discord.com/api/webhooks/1/XXXX"}),
        Kind::Telegram => json!({"token": "123456:ABC-def", "chat_id": "-100123"}),
        Kind::Pagerduty => json!({"routing_key": "0123456789abcdef0123456789abcdef"}),
        Kind::Ntfy => json!({"topic": "upguard", "token": "tk_secret"}),
    };
    json!({"name": "Ops", "kind": kind, "settings": settings})
}

fn settings(kind: Kind) -> Settings {
    Body::parse(&body(kind)).unwrap().settings
}

fn opened() -> Message {
    Message {
        key: "01890000-0000-7000-8000-000000000001:1:01890000-0000-7000-8000-0000000000c1".to_owned(),
        change: 1,
        what: What::Opened,
        at: DateTime::from_timestamp(OPENED, 0).unwrap(),
        merged: false,
        closed: None,
        about: About {
            id: Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0001),
            kind: incident::Kind::Availability,
            level: Level::Down,
            worst: Level::Down,
            state: State::Open,
            flapping: false,
            reason: Some(wire::Reason::Connect),
            opened_at: OPENED,
            acknowledged_at: None,
            resolved_at: None,
            monitor: Some(Monitor {
                id: Uuid::from_u128(7),
                name: "Shop <b>&".to_owned(),
                url: "https://shop.example/?a=1&b=2".to_owned(),
            }),
            region: None,
            organisation: "Acme".to_owned(),
            by: None,
            detail: Some("connection refused by 192.0.2.1:443".to_owned()),
            regions: vec![
                RegionVote {
                    region: "eu-west".to_owned(),
                    vote: Some("down".to_owned()),
                    why: "2 failures in a row".to_owned(),
                },
                RegionVote { region: "us-east".to_owned(), vote: None, why: String::new() },
            ],
        },
    }
}

/// What became of it before anybody was told.
fn merged() -> Message {
    let mut message = opened();
    message.key = message.key.replace(":1:", ":2:");
    (message.change, message.what, message.merged) = (2, What::Resolved, true);
    message.at = DateTime::from_timestamp(OPENED + 95, 0).unwrap();
    (message.about.state, message.about.resolved_at) = (State::Resolved, Some(OPENED + 95));
    message
}

/// A certificate of another monitor, and a region that is sick.
fn others() -> [Message; 2] {
    let (mut certificate, mut region) = (opened(), opened());
    (certificate.about.kind, certificate.about.level) = (incident::Kind::Certificate, Level::Certificate);
    (region.about.kind, region.about.level) = (incident::Kind::Region, Level::Region);
    (region.about.monitor, region.about.region) = (None, Some("eu-west".to_owned()));
    (region.about.reason, region.what) = (None, What::Acknowledged);
    region.about.by = Some("Ann".to_owned());
    [certificate, region]
}

fn digest() -> Notification {
    let messages = [opened()].into_iter().chain(others()).chain([merged()]).collect();
    Notification::Digest {
        key: "digest:7".to_owned(),
        at: DateTime::from_timestamp(OPENED + 100, 0).unwrap(),
        messages,
    }
}

fn test() -> Notification {
    Notification::Test {
        key: "test:01890000-0000-7000-8000-0000000000ff".to_owned(),
        at: DateTime::from_timestamp(OPENED, 0).unwrap(),
        channel: (Uuid::from_u128(0xc1), "Ops".to_owned()),
        organisation: "Acme".to_owned(),
    }
}

/// A draft with its secrets, to be looked at.
fn seen(draft: &Draft) -> Value {
    match draft {
        Draft::Mail(mail) => json!({
            "to": mail.to, "owners": mail.owners, "subject": mail.subject, "text": mail.text.lines().collect::<Vec<_>>(),
            "html": mail.html.lines().collect::<Vec<_>>(), "id": mail.id, "thread": mail.thread,
        }),
        Draft::Http(post) => json!({
            "url": post.url.reveal(),
            "authorization": post.authorization.as_ref().map(super::Hidden::reveal),
            "body": serde_json::from_str::<Value>(post.body.reveal()).unwrap(),
            "signing": post.signing.as_ref().map(|signing| {
                json!({"id": signing.id, "secrets": signing.secrets.iter().map(|(it, until)| json!([it, until])).collect::<Vec<_>>()})
            }),
        }),
    }
}

#[test]
fn what_each_kind_is_sent() {
    for kind in Kind::ALL {
        let messages = [
            ("opened", Notification::One(opened())),
            ("merged", Notification::One(merged())),
            ("digest", digest()),
            ("test", test()),
        ];
        let drafts: serde_json::Map<_, _> = messages
            .iter()
            .filter(|(name, _)| digests(*kind) || *name != "digest")
            .map(|(name, notification)| ((*name).to_owned(), seen(&render(&settings(*kind), notification, &links()))))
            .collect();
        insta::assert_json_snapshot!(kind.as_str(), drafts);
    }
}

/// What people wrote into a notification is text in every kind of channel.
#[test]
fn nothing_people_wrote_is_markup() {
    let mut message = opened();
    message.about.monitor.as_mut().unwrap().name = "*Shop* [x](https://evil.example) <!here>".to_owned();
    message.about.organisation = "_Acme_".to_owned();
    let Notification::Digest { key, at, messages } = digest() else { panic!("no digest") };
    let messages = [vec![message.clone()], messages].concat();
    for notification in [Notification::One(message), Notification::Digest { key, at, messages }] {
        let sent = |kind| seen(&render(&settings(kind), &notification, &links()))["body"].clone();
        let slack = sent(Kind::Slack);
        assert_eq!(slack["mrkdwn"], false);
        for text in [&slack["blocks"][0]["text"], &slack["blocks"][1]["text"]] {
            assert_eq!((&text["type"], &text["emoji"]), (&json!("plain_text"), &json!(false)), "{text}");
        }
        assert!(!slack["text"].as_str().unwrap().contains('<'), "{slack}");
        let embed = sent(Kind::Discord)["embeds"][0].clone();
        let told = format!("{}\n{}\n{}", embed["title"], embed["description"], embed["fields"]);
        assert!(!told.contains("[x]") && !told.contains(" *Shop*") && !told.contains("\"_Acme_\""), "{told}");
    }
}

#[test]
fn subjects_say_what_happened_to_whom() {
    let with = |what, change: &dyn Fn(&mut About)| {
        let mut message = opened();
        message.what = what;
        message.at = DateTime::from_timestamp(OPENED + 7_500, 0).unwrap();
        if let Some(monitor) = &mut message.about.monitor {
            monitor.name = "api".to_owned();
        }
        change(&mut message.about);
        Notification::One(message).subject()
    };
    let same = |_: &mut About| {};
    assert_eq!(with(What::Opened, &same), "api is down: connect");
    assert_eq!(with(What::Opened, &|it| it.level = Level::Regional), "api is down in some regions: connect");
    assert_eq!(with(What::Opened, &|it| (it.level, it.reason) = (Level::Degraded, None)), "api is degraded");
    assert_eq!(with(What::Escalated, &same), "Worse: api is down: connect");
    assert_eq!(with(What::Flapping, &same), "Flapping: api is down: connect, on and off");
    assert_eq!(with(What::Reminded, &same), "Reminder: api is down: connect, for 2 h 5 min now");
    assert_eq!(with(What::Acknowledged, &|it| it.by = Some("Ann".to_owned())), "Acknowledged by Ann: api is down");
    assert_eq!(with(What::Resolved, &|it| it.resolved_at = Some(OPENED + 60)), "Resolved: api was down for 1 min");
    let closed = |closing| {
        let mut message = merged();
        (message.closed, message.about.by) = (Some(closing), Some("Ann".to_owned()));
        let notification = Notification::One(message);
        (notification.subject(), notification.severity())
    };
    let said = "Closed by Ann: the monitor was paused. Shop <b>& was down for 1 min 35 s";
    assert_eq!(closed(Closing::Paused), (said.to_owned(), Severity::Plain));
    assert!(closed(Closing::Deleted).0.contains("the monitor was deleted"));
    let coverage = |it: &mut About| (it.kind, it.level) = (incident::Kind::Coverage, Level::Coverage);
    assert_eq!(with(What::Opened, &coverage), "api is checked too little");
    let lane = |it: &mut About| (it.kind, it.level, it.monitor) = (incident::Kind::Lane, Level::Lane, None);
    assert_eq!(with(What::Opened, &lane), "UpGuard's checks are not running");
    assert_eq!(with(What::Resolved, &lane), "Resolved: UpGuard's checks were not running for 2 h 5 min");
    let [certificate, region] = others();
    assert_eq!(certificate.subject(), "the certificate of Shop <b>& is about to end");
    assert_eq!(region.subject(), "Acknowledged by Ann: region eu-west is sick");
    assert_eq!(digest().subject(), "4 incidents: 2 opened, 1 acknowledged, 1 resolved");
}

#[test]
fn nothing_secret_is_printed() {
    for kind in Kind::ALL {
        let draft = render(&settings(*kind), &Notification::One(opened()), &links());
        let printed = format!("{draft:?} {:?}", settings(*kind));
        for secret in [SECRET, "XXXX", "ABC-def", "0123456789abcdef", "tk_secret"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
