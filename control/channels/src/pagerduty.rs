//! `PagerDuty`'s Events API v2: <https://developer.pagerduty.com/docs/events-api-v2-overview>. All events of one incident
//! carry its id as `dedup_key`, so an opening, its acknowledgement and its resolve are one alert there.

use std::str::FromStr;

use chrono::SecondsFormat;
use domain::{
    fields::{self, values},
    incident::{Level, What},
    message::{Message, Notification},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::{Answer, Draft, Form, Hidden, Kind, Links, Meaning, Post, read::Server, text::cut};

const OFFICIAL: &str = "https://events.pagerduty.com/";
/// Limits of the API's reference, in characters.
const MAX_SUMMARY: usize = 1_024;
const MAX_DETAIL: usize = 2_000;
const MAX_SOURCE: usize = 255;

/// A service's integration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pagerduty {
    #[serde(deserialize_with = "values::text_as::<RoutingKey, _, _>")]
    routing_key: Hidden<String>,
    #[serde(deserialize_with = "values::text_as::<Server, _, _>")]
    api_url: Url,
}

impl fields::Body for Pagerduty {
    const REQUIRED: &'static [&'static str] = &["routing_key"];
}

/// 32 messages and digits.
struct RoutingKey(String);

impl From<RoutingKey> for Hidden<String> {
    fn from(key: RoutingKey) -> Self {
        key.0.into()
    }
}

impl FromStr for RoutingKey {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let key = s.trim();
        if key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Self(key.to_owned()));
        }
        Err("must be the 32 letters and digits of an Events API v2 integration key".to_owned())
    }
}

impl Form for Pagerduty {
    const SECRETS: &'static [&'static str] = &["routing_key"];
    const YES: &'static str = "JSON with \"status\": \"success\"";
    /// Alerts open and close one by one there.
    const DIGESTS: bool = false;
    const SERVER: Option<(&'static str, &'static str)> = Some(("api_url", OFFICIAL));

    fn hear(answer: &Answer) -> Meaning {
        let status = &answer.json["status"];
        answer.means(status == "success", answer.status == StatusCode::BAD_REQUEST && status == "invalid event")
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let mut url = self.api_url.clone();
        url.set_path(&format!("{}v2/enqueue", url.path()));
        let mut event = match notification {
            Notification::One(message) => one(message, links),
            Notification::Digest { key, .. } => trigger(notification, key, "critical", &lines(notification), links),
            // Tests of one channel are one alert there; whoever tests resolves it.
            Notification::Test { channel, .. } => {
                trigger(notification, &format!("test:{}", channel.0), "info", &lines(notification), links)
            }
        };
        event["routing_key"] = self.routing_key.reveal().as_str().into();
        Draft::Http(Post {
            kind: Kind::Pagerduty,
            url: url.into(),
            authorization: None,
            body: event.to_string().into(),
            signing: None,
        })
    }
}

/// What was resolved before it was told has no alert to resolve, and pages nobody.
fn one(message: &Message, links: &Links) -> Value {
    let key = message.about.id.to_string();
    match message.what {
        What::Acknowledged => json!({"event_action": "acknowledge", "dedup_key": key}),
        What::Resolved => json!({"event_action": "resolve", "dedup_key": key}),
        _ => {
            let fact = |(name, value): (&str, String)| (name.to_owned(), cut(&value, MAX_DETAIL).into());
            let details: Map<String, Value> = message.facts().into_iter().map(fact).collect();
            let mut event = trigger(
                &Notification::One(message.clone()),
                &key,
                severity(message.about.level),
                &details.into(),
                links,
            );
            event["payload"]["class"] = message.about.kind.as_str().into();
            event
        }
    }
}

fn lines(notification: &Notification) -> Value {
    json!({"Text": cut(&notification.lines().join("\n"), MAX_DETAIL)})
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Down | Level::Lane => "critical",
        Level::Regional | Level::Region => "error",
        Level::Degraded | Level::Certificate | Level::Coverage => "warning",
    }
}

fn trigger(notification: &Notification, dedup_key: &str, severity: &str, details: &Value, links: &Links) -> Value {
    json!({
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "UpGuard",
        "client_url": links.of(notification),
        "links": [{"href": links.of(notification), "text": "Open in UpGuard"}],
        "payload": {
            "summary": cut(&notification.subject(), MAX_SUMMARY),
            "source": cut(&source(notification), MAX_SOURCE),
            "severity": severity,
            "timestamp": notification.at().to_rfc3339_opts(SecondsFormat::Millis, true),
            "group": cut(notification.organisation(), MAX_SOURCE),
            "custom_details": details,
        },
    })
}

/// What is affected: the monitor's URL, the region, or all that an organisation has.
fn source(notification: &Notification) -> String {
    let Notification::One(message) = notification else { return notification.organisation().to_owned() };
    let monitor = message.about.monitor.as_ref().map(|monitor| monitor.url.clone());
    monitor.or_else(|| message.about.region.clone()).unwrap_or_else(|| notification.organisation().to_owned())
}
