//! ntfy: JSON published to the server's root, <https://docs.ntfy.sh/publish/#publish-as-json>.

use std::str::FromStr;

use domain::{
    fields::{self, values},
    message::{Notification, Severity},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    Answer, Draft, Form, Hidden, Kind, Links, Meaning, Post,
    read::{Server, Token},
    text::{cut, cut_bytes, list},
};

const OFFICIAL: &str = "https://ntfy.sh/";
/// A longer message becomes an attachment.
const MAX_MESSAGE: usize = 4_096;
const MAX_TITLE: usize = 200;
/// Lines are kept whole as long as they are ASCII; what is more is cut.
const MAX_LINE: usize = 400;

/// A topic on a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ntfy {
    #[serde(deserialize_with = "values::text_as::<Server, _, _>")]
    server: Url,
    #[serde(deserialize_with = "values::text_as::<Topic, _, _>")]
    topic: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "values::some_text_as::<Token, _, _>"
    )]
    token: Option<Hidden<String>>,
}

impl fields::Body for Ntfy {
    const REQUIRED: &'static [&'static str] = &["topic"];
}

/// As the server has it: `^[-_A-Za-z0-9]{1,64}$`.
struct Topic(String);

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0
    }
}

impl FromStr for Topic {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let good = s.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if good && (1..=64).contains(&s.len()) {
            return Ok(Self(s.to_owned()));
        }
        Err("must have 1 to 64 messages, digits, - and _".to_owned())
    }
}

impl Form for Ntfy {
    const SECRETS: &'static [&'static str] = &["token"];
    const SERVER: Option<(&'static str, &'static str)> = Some(("server", OFFICIAL));
    const YES: &'static str = "JSON with the message's id";

    /// Errors are JSON with a code that begins with the status: a bad message (400), no access (401, 403) or one that is too
    /// long (413) stay so.
    fn hear(answer: &Answer) -> Meaning {
        let code = answer.json["code"].as_u64().filter(|_| answer.json["error"].is_string());
        let is_final = code.is_some_and(|code| matches!(code / 100, 400 | 401 | 403 | 413));
        answer.means(answer.json["id"].is_string(), is_final)
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let lines: Vec<_> = notification.lines().iter().map(|line| cut(line, MAX_LINE)).collect();
        let body = json!({
            "topic": self.topic,
            "title": cut(&notification.subject(), MAX_TITLE),
            "message": cut_bytes(&list(&lines, MAX_MESSAGE).join("\n"), MAX_MESSAGE),
            "priority": priority(notification.severity()),
            "tags": [tag(notification.severity())],
            "click": links.of(notification),
        });
        let authorization = self.token.as_ref().map(|token| format!("Bearer {}", token.reveal()).into());
        Draft::Http(Post {
            kind: Kind::Ntfy,
            url: self.server.clone().into(),
            authorization,
            body: body.to_string().into(),
            signing: None,
        })
    }
}

/// 5 rings through the night, 3 is any other message.
fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Bad => 5,
        Severity::Warning => 4,
        Severity::Good | Severity::Plain => 3,
    }
}

/// Short codes that become emoji: <https://docs.ntfy.sh/emojis/>.
fn tag(severity: Severity) -> &'static str {
    match severity {
        Severity::Bad => "red_circle",
        Severity::Warning => "orange_circle",
        Severity::Good => "green_circle",
        Severity::Plain => "large_blue_circle",
    }
}
