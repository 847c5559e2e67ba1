//! Telegram's Bot API: <https://core.telegram.org/bots/api#sendmessage>.

use std::str::FromStr;

use domain::{
    fields::{self, values},
    message::Notification,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    Answer, Draft, Form, Hidden, Kind, Links, Meaning, Post,
    read::{Server, Token},
    text::{cut, html, icon, list},
};

const OFFICIAL: &str = "https://api.telegram.org/";
/// Characters once the markup is read; below Telegram's 4,096, since the subject and the link come on top.
const MAX_LINES: usize = 3_500;
const MAX_LINE: usize = 400;

/// A bot and the chat it writes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    #[serde(deserialize_with = "values::text_as::<BotToken, _, _>")]
    token: Hidden<String>,
    #[serde(deserialize_with = "values::text_as::<Chat, _, _>")]
    chat_id: String,
    /// A topic of a forum.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "values::some_number::<1, { u32::MAX as u64 }, _, _>"
    )]
    thread_id: Option<u64>,
    #[serde(deserialize_with = "values::text_as::<Server, _, _>")]
    api_url: Url,
}

impl fields::Body for Telegram {
    const REQUIRED: &'static [&'static str] = &["token", "chat_id"];
}

/// A number, as text since it may be negative; or `@name` of a public channel.
struct Chat(String);

impl From<Chat> for String {
    fn from(chat: Chat) -> Self {
        chat.0
    }
}

impl FromStr for Chat {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let good = s.parse::<i64>().is_ok() || s.strip_prefix('@').is_some_and(is_name);
        if good && s.len() <= 64 {
            return Ok(Self(s.to_owned()));
        }
        Err("must be a chat's number such as \"-1001234567890\", or \"@channel\"".to_owned())
    }
}

/// As `@BotFather` gives it out: `123456:ABC-…`. It becomes a part of the URL's path.
struct BotToken(Hidden<String>);

impl From<BotToken> for Hidden<String> {
    fn from(token: BotToken) -> Self {
        token.0
    }
}

impl FromStr for BotToken {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let Token(token) = s.parse()?;
        let good = |(bot, key): (&str, &str)| {
            !key.is_empty()
                && bot.parse::<u64>().is_ok()
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if token.reveal().split_once(':').is_some_and(good) {
            return Ok(Self(token));
        }
        Err("must be a bot's token such as 123456:ABC-def (from @BotFather)".to_owned())
    }
}

/// What a bot is told of a message that is refused (400), of its token (401, 404) and of a chat it may not write to (403):
/// <https://core.telegram.org/bots/api#making-requests>.
const FINAL: [u64; 4] = [400, 401, 403, 404];

impl Form for Telegram {
    const SECRETS: &'static [&'static str] = &["token"];
    const YES: &'static str = "JSON with \"ok\": true";

    fn hear(answer: &Answer) -> Meaning {
        let (ok, code) = (&answer.json["ok"], answer.json["error_code"].as_u64());
        answer.means(*ok == true, *ok == false && code.is_some_and(|code| FINAL.contains(&code)))
    }
    const SERVER: Option<(&'static str, &'static str)> = Some(("api_url", OFFICIAL));

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let mut body = json!({
            "chat_id": self.chat_id,
            "text": text(notification, links),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
        });
        if let Some(thread) = self.thread_id {
            body["message_thread_id"] = thread.into();
        }
        Draft::Http(Post {
            kind: Kind::Telegram,
            url: self.url().into(),
            authorization: None,
            body: body.to_string().into(),
            signing: None,
        })
    }
}

impl Telegram {
    /// The token is a part of the path.
    fn url(&self) -> Url {
        let mut url = self.api_url.clone();
        url.set_path(&format!("{}bot{}/sendMessage", url.path(), self.token.reveal()));
        url
    }
}

fn text(notification: &Notification, links: &Links) -> String {
    let subject = format!("{} {}", icon(notification.severity()), cut(&notification.subject(), MAX_LINE));
    let lines: Vec<_> = notification.lines().iter().map(|line| cut(line, MAX_LINE)).collect();
    let lines = html(&list(&lines, MAX_LINES).join("\n"));
    format!("<b>{}</b>\n\n{lines}\n\n<a href=\"{}\">Open in UpGuard</a>", html(&subject), html(&links.of(notification)))
}
