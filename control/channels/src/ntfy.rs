//! ntfy: JSON published to the server's root, <https://docs.ntfy.sh/publish/#publish-as-json>.

use std::str::FromStr;

use domain::{
    fields::Fields,
    message::{Letter, Tone},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    Draft, Form, Hidden, Links, Post,
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
pub struct Ntfy {
    server: Url,
    topic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Hidden<String>>,
}

/// As the server has it: `^[-_A-Za-z0-9]{1,64}$`.
struct Topic(String);

impl FromStr for Topic {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let good = s.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if good && (1..=64).contains(&s.len()) {
            return Ok(Self(s.to_owned()));
        }
        Err("must have 1 to 64 letters, digits, - and _".to_owned())
    }
}

impl Form for Ntfy {
    const SECRETS: &'static [&'static str] = &["token"];
    const DESTINATION: Option<&'static str> = Some("server");

    fn read(mut fields: Fields<'_, '_>) -> Option<Self> {
        fields.require("topic");
        let server = Server::read(&mut fields, "server", OFFICIAL);
        let topic = fields.parsed::<Topic>("topic");
        let token = fields.parsed::<Token>("token").map(|token| token.0);
        fields.refuse_others(|_| None);
        Some(Self { server: server?, topic: topic?.0, token })
    }

    fn render(&self, letter: &Letter, links: &Links) -> Draft {
        let lines: Vec<_> = letter.lines().iter().map(|line| cut(line, MAX_LINE)).collect();
        let body = json!({
            "topic": self.topic,
            "title": cut(&letter.subject(), MAX_TITLE),
            "message": cut_bytes(&list(&lines, MAX_MESSAGE).join("\n"), MAX_MESSAGE),
            "priority": priority(letter.tone()),
            "tags": [tag(letter.tone())],
            "click": links.of(letter),
        });
        let authorization = self.token.as_ref().map(|token| format!("Bearer {}", token.reveal()).into());
        Draft::Http(Post {
            url: self.server.clone().into(),
            authorization,
            body: body.to_string().into(),
            signing: None,
        })
    }
}

/// 5 rings through the night, 3 is any other message.
fn priority(tone: Tone) -> u8 {
    match tone {
        Tone::Bad => 5,
        Tone::Warning => 4,
        Tone::Good | Tone::Plain => 3,
    }
}

/// Short codes that become emoji: <https://docs.ntfy.sh/emojis/>.
fn tag(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "red_circle",
        Tone::Warning => "orange_circle",
        Tone::Good => "green_circle",
        Tone::Plain => "large_blue_circle",
    }
}
