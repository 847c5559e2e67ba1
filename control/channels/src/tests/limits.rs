//! Vendors' documented limits, held against messages as long as they can be.

use proptest::prelude::*;
use serde_json::Value;

use super::{Draft, Kind, Message, Notification, digest, links, merged, opened, others, render, settings, test};

/// The same notification, every text of it `long`.
fn stretched(mut message: Message, long: &str) -> Message {
    let about = &mut message.about;
    if let Some(monitor) = &mut about.monitor {
        (monitor.name, monitor.url) = (long.to_owned(), long.to_owned());
    }
    (about.organisation, about.detail) = (long.to_owned(), Some(long.to_owned()));
    about.by = Some(long.to_owned());
    about.region = Some(long.to_owned());
    about.flapping = true;
    for region_vote in &mut about.regions {
        (region_vote.region, region_vote.why) = (long.to_owned(), long.to_owned());
    }
    message
}

fn messages(long: &str) -> Vec<Notification> {
    let [certificate, region] = others();
    let each = [opened(), merged(), certificate, region].map(|message| stretched(message, long));
    let Notification::Digest { key, at, .. } = digest() else { panic!("no digest") };
    let messages = each.iter().cycle().take(1_000).cloned().collect();
    let mut tested = test();
    if let Notification::Test { channel, organisation, .. } = &mut tested {
        (channel.1, *organisation) = (long.to_owned(), long.to_owned());
    }
    each.into_iter().map(Notification::One).chain([Notification::Digest { key, at, messages }, tested]).collect()
}

fn sent(kind: Kind, notification: &Notification) -> Value {
    match render(&settings(kind), notification, &links()) {
        Draft::Http(post) => serde_json::from_str(post.body.reveal()).unwrap(),
        Draft::Mail(mail) => serde_json::json!({"subject": mail.subject}),
    }
}

fn length(value: &Value) -> usize {
    value.as_str().unwrap_or_default().encode_utf16().count()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn slack(body: &Value) {
    assert!(length(&body["text"]) <= 3_000);
    for block in each(&body["blocks"]) {
        let most = if block["type"] == "header" { 150 } else { 3_000 };
        assert!(length(&block["text"]["text"]) <= most, "{block}");
        assert_ne!(block["text"]["text"], "");
        assert!(each(&block["elements"]).all(|element| length(&element["text"]) <= 3_000));
    }
}

fn discord(body: &Value) {
    let embed = &body["embeds"][0];
    let (title, description) = (length(&embed["title"]), length(&embed["description"]));
    let footer = length(&embed["footer"]["text"]);
    assert!(title <= 256 && description <= 4_096 && footer <= 2_048);
    let mut all = title + description + footer;
    assert!(each(&embed["fields"]).count() <= 25);
    for field in each(&embed["fields"]) {
        let (name, value) = (length(&field["name"]), length(&field["value"]));
        assert!((1..=256).contains(&name) && (1..=1_024).contains(&value), "{field}");
        all += name + value;
    }
    assert!(all <= 6_000, "{all}");
    assert_eq!(body["allowed_mentions"]["parse"], serde_json::json!([]));
}

fn telegram(body: &Value) {
    let text = body["text"].as_str().unwrap();
    let plain = ["<b>", "</b>", "</a>"].iter().fold(text.to_owned(), |text, tag| text.replace(tag, ""));
    let begin = plain.find("<a href=").unwrap();
    let end = begin + plain[begin..].find('>').unwrap();
    let plain = format!("{}{}", &plain[..begin], &plain[end + 1..]);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    assert!(!plain.contains(['<', '>']), "{plain}");
    let plain = entities.iter().fold(plain, |text, (entity, character)| text.replace(entity, character));
    assert!((1..=4_096).contains(&plain.encode_utf16().count()));
}

fn pagerduty(body: &Value) {
    assert!(body.to_string().len() <= 512 * 1024);
    assert!(length(&body["dedup_key"]) <= 255);
    assert!(["trigger", "acknowledge", "resolve"].contains(&body["event_action"].as_str().unwrap()));
    if body["event_action"] == "trigger" {
        let payload = &body["payload"];
        assert!((1..=1_024).contains(&length(&payload["summary"])));
        assert!(["critical", "error", "warning", "info"].contains(&payload["severity"].as_str().unwrap()));
        assert!(!payload["source"].as_str().unwrap().is_empty());
    }
}

fn ntfy(body: &Value) {
    assert!(body["message"].as_str().unwrap().len() <= 4_096);
    assert!(length(&body["title"]) <= 250);
    assert!((1..=5).contains(&body["priority"].as_u64().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_letter_is_too_long(text in "[ -~]{1,3000}|\\PC{1,600}|[&<>😀]{1,900}") {
        for notification in messages(&text) {
            slack(&sent(Kind::Slack, &notification));
            discord(&sent(Kind::Discord, &notification));
            telegram(&sent(Kind::Telegram, &notification));
            pagerduty(&sent(Kind::Pagerduty, &notification));
            ntfy(&sent(Kind::Ntfy, &notification));
            prop_assert!(length(&sent(Kind::Email, &notification)["subject"]) <= 200);
            prop_assert!(sent(Kind::Webhook, &notification)["type"].is_string());
        }
    }
}
