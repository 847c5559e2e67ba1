//! A signed JSON request to any server: Standard Webhooks (<https://www.standardwebhooks.com>).
//!
//! The signature is made when it is sent, since it signs that moment; here it is only said with which secrets.

use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    fields::{self, Problem, values},
    incident::Closing,
    message::{About, Message, Notification},
};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{Draft, Form, Hidden, Kind, Links, Post, Signing, read::Target};

/// How long a replaced secret signs beside the new one, seconds.
const OVERLAP: i64 = 24 * 60 * 60;
const PREFIX: &str = "whsec_";

/// A receiver that verifies signatures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    #[serde(deserialize_with = "values::text_as::<Target, _, _>")]
    url: Url,
    #[serde(deserialize_with = "values::text_as::<SigningSecret, _, _>")]
    secret: Hidden<String>,
    /// Stored, and in no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
}

/// A replaced secret, and the unix second it is used to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Previous {
    secret: Hidden<String>,
    until: i64,
}

impl Webhook {
    /// With another secret. The replaced one signs beside it for a day, so that the receiver can change over.
    #[must_use]
    pub fn rotated(self, secret: String, now: i64) -> Self {
        let previous = Previous { secret: self.secret, until: now + OVERLAP };
        Self { secret: secret.into(), previous: Some(previous), ..self }
    }
}

/// A new random secret: `whsec_` and 32 bytes in base64. None where the machine has no randomness.
pub fn fresh_secret() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)))
}

/// The bytes of a secret. Standard Webhooks wants 24 to 64 of them.
pub(super) fn secret_bytes(secret: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

struct SigningSecret(String);

impl From<SigningSecret> for Hidden<String> {
    fn from(secret: SigningSecret) -> Self {
        secret.0.into()
    }
}

impl FromStr for SigningSecret {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let secret = s.trim();
        match secret_bytes(secret) {
            Some(_) => Ok(Self(secret.to_owned())),
            None => Err("must be whsec_ and 24 to 64 bytes in base64: leave it out to have one made".to_owned()),
        }
    }
}

impl fields::Body for Webhook {
    const REQUIRED: &'static [&'static str] = &["url", "secret"];
}

impl Form for Webhook {
    const SECRETS: &'static [&'static str] = &["secret", "previous"];

    fn judge(&self) -> Result<(), Problem> {
        match self.previous {
            Some(_) => Err(Problem::of("previous", "is no field here: leave it out or write one of url, secret")),
            None => Ok(()),
        }
    }

    fn body(&self) -> Value {
        json!({"url": self.url, "secret": self.secret})
    }

    fn succeed(mut self, old: Self) -> Self {
        if self.secret == old.secret {
            self.previous = old.previous;
        }
        self
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let mut secrets = vec![(self.secret.clone(), None)];
        secrets.extend(self.previous.iter().map(|previous| (previous.secret.clone(), Some(previous.until))));
        Draft::Http(Post {
            kind: Kind::Webhook,
            url: self.url.clone().into(),
            authorization: None,
            body: payload(notification, links).to_string().into(),
            signing: Some(Signing { id: notification.key().to_owned(), secrets }),
        })
    }
}

/// The public shape: `{type, timestamp, data}`.
fn payload(notification: &Notification, links: &Links) -> Value {
    match notification {
        Notification::One(message) => {
            json!({"type": kind(message), "timestamp": rfc3339(message.at), "data": data(message, links)})
        }
        Notification::Digest { key, at, messages } => {
            let one = |message: &Message| json!({"type": kind(message), "data": data(message, links)});
            let incidents: Vec<_> = messages.iter().map(one).collect();
            json!({"type": "incident.digest", "timestamp": rfc3339(*at), "data": {"key": key, "incidents": incidents}})
        }
        Notification::Test { at, channel: (id, name), organisation, .. } => json!({
            "type": "channel.test",
            "timestamp": rfc3339(*at),
            "data": {"channel": {"id": id, "name": name}, "organisation": organisation},
        }),
    }
}

fn kind(message: &Message) -> String {
    format!("incident.{}", message.what)
}

fn data(message: &Message, links: &Links) -> Value {
    let About { monitor, region, organisation, by, detail, regions, .. } = &message.about;
    let region_votes = regions.iter().map(|it| json!({"region": it.region, "vote": it.vote, "why": it.why}));
    json!({
        "key": message.key,
        "merged": message.merged,
        "closed": message.closed.map(Closing::as_str),
        "change": message.change,
        "incident": incident(&message.about, links),
        "monitor": monitor.as_ref().map(|it| json!({"id": it.id, "name": it.name, "url": it.url})),
        "region": region,
        "organisation": organisation,
        "by": by,
        "detail": detail,
        "regions": region_votes.collect::<Vec<_>>(),
    })
}

fn incident(about: &About, links: &Links) -> Value {
    let moment = |at: i64| DateTime::from_timestamp(at, 0).map(rfc3339);
    json!({
        "id": about.id,
        "kind": about.kind,
        "level": about.level,
        "worst": about.worst,
        "state": about.state,
        "flapping": about.flapping,
        "reason": about.reason,
        "opened_at": moment(about.opened_at),
        "acknowledged_at": about.acknowledged_at.and_then(moment),
        "resolved_at": about.resolved_at.and_then(moment),
        "url": links.incident(about.id),
    })
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_made_here_can_be_given() {
        let secret = fresh_secret().unwrap();
        assert_eq!(secret_bytes(&secret).unwrap().len(), 32);
        assert_ne!(fresh_secret().unwrap(), secret);
        assert_eq!(format!("{secret}\n").parse::<SigningSecret>().unwrap().0, secret);
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "whsec_!!!!"] {
            assert!(bad.parse::<SigningSecret>().is_err(), "{bad}");
        }
    }
}
