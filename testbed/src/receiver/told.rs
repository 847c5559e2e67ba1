//! What requests say, thing by thing: repeats are dropped, digests taken apart. Pure.

use std::collections::HashSet;

use chrono::DateTime;
use serde_json::Value;

use super::Delivery;

/// One thing that was told of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When it was received, unix milliseconds.
    pub at_ms: i64,
    /// The `webhook-id` it came under: its own key, or its digest's.
    pub delivery: String,
    /// Its own key.
    pub key: String,
    /// `opened`, `resolved`, …
    pub what: String,
    /// Which incident.
    pub incident: String,
    /// `availability`, `region`, …
    pub kind: String,
    /// `down`, `regional`, …
    pub level: String,
    /// When it opened, unix seconds.
    pub opened_at: i64,
    /// Whether it is a resolve that tells the opening as well.
    pub merged: bool,
    /// The monitor it is about, by id.
    pub monitor: Option<String>,
}

impl Told {
    /// Whether a person hears of the incident for the first time with this, or could: an incident may have opened at a
    /// level that nobody is told of.
    pub fn opens(&self) -> bool {
        ["opened", "escalated"].contains(&self.what.as_str()) || (self.what == "resolved" && self.merged)
    }
}

/// What `deliveries` tell of incidents, in their order and each once, and how many of them were repeats.
pub fn read(deliveries: &[Delivery]) -> (Vec<Told>, usize) {
    let mut seen = HashSet::new();
    let (mut told, mut repeats) = (Vec::new(), 0);
    for delivery in deliveries {
        if !seen.insert(&delivery.id) {
            repeats += 1;
            continue;
        }
        let data = &delivery.body["data"];
        match (delivery.body["type"].as_str(), data["incidents"].as_array()) {
            (Some("incident.digest"), Some(members)) => {
                told.extend(members.iter().filter_map(|member| one(delivery, member)));
            }
            _ => told.extend(one(delivery, &delivery.body)),
        }
    }
    (told, repeats)
}

/// `message` is `{type, data}`; nothing where it is not about an incident.
fn one(delivery: &Delivery, message: &Value) -> Option<Told> {
    let (data, text) = (&message["data"], |value: &Value| value.as_str().unwrap_or_default().to_owned());
    let incident = &data["incident"];
    Some(Told {
        at_ms: delivery.at_ms,
        delivery: delivery.id.clone(),
        key: text(&data["key"]),
        what: message["type"].as_str()?.strip_prefix("incident.")?.to_owned(),
        incident: incident["id"].as_str()?.to_owned(),
        kind: text(&incident["kind"]),
        level: text(&incident["level"]),
        opened_at: DateTime::parse_from_rfc3339(incident["opened_at"].as_str()?).ok()?.timestamp(),
        merged: data["merged"] == true,
        monitor: data["monitor"]["id"].as_str().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(what: &str, incident: &str) -> Value {
        json!({"type": format!("incident.{what}"), "data": {
            "key": format!("{incident}:1:c"), "merged": what == "resolved",
            "incident": {"id": incident, "kind": "availability", "level": "down", "opened_at": "2026-01-02T03:04:05.000Z"},
            "monitor": {"id": "m", "name": "a site", "url": "http://a.example/"}}})
    }

    fn delivery(at_ms: i64, id: &str, body: Value) -> Delivery {
        Delivery { at_ms, id: id.to_owned(), body }
    }

    #[test]
    fn repeats_are_dropped_and_digests_taken_apart() {
        let digest =
            |members: &[Value]| json!({"type": "incident.digest", "data": {"key": "digest:7", "incidents": members}});
        let (told, repeats) = read(&[
            delivery(1, "a:1:c", message("opened", "a")),
            delivery(2, "digest:7", digest(&[message("opened", "b"), message("resolved", "a")])),
            delivery(3, "a:1:c", message("opened", "a")),
            delivery(4, "t", json!({"type": "channel.test", "data": {}})),
            delivery(5, "digest:7", digest(&[message("opened", "b")])),
        ]);
        assert_eq!(repeats, 2);
        let heard: Vec<_> =
            told.iter().map(|it| (it.at_ms, it.delivery.as_str(), it.key.as_str(), it.what.as_str())).collect();
        assert_eq!(
            heard,
            [(1, "a:1:c", "a:1:c", "opened"), (2, "digest:7", "b:1:c", "opened"), (2, "digest:7", "a:1:c", "resolved")]
        );
        assert_eq!((told[0].opened_at, told[0].monitor.as_deref()), (1_767_323_045, Some("m")));
        assert!(told[0].opens() && told[2].opens());
    }
}
