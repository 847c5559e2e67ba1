//! Discord's webhooks: <https://docs.discord.com/developers/resources/webhook#execute-webhook>.

use chrono::SecondsFormat;
use domain::{
    fields::{self, values},
    message::Notification,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{
    Answer, Draft, Form, Hidden, Kind, Links, Meaning, Post,
    read::Target,
    text::{colour, cut, icon, list, markdown},
};

/// Limits of <https://docs.discord.com/developers/resources/message#embed-object-embed-limits>, in characters.
const MAX_TITLE: usize = 256;
const MAX_DESCRIPTION: usize = 4_096;
/// All of an embed may have 6,000; ten facts of this length and their names stay below with title and footer.
const MAX_VALUE: usize = 500;
const MAX_FOOTER: usize = 200;

/// The URL Discord gave out; whoever has it can post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    #[serde(deserialize_with = "values::text_as::<Target, _, _>")]
    url: Hidden<Url>,
}

impl fields::Body for Discord {
    const REQUIRED: &'static [&'static str] = &["url"];
}

/// Of <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes>: the webhook or its channel is
/// gone (10003, 10015), its token is wrong (50027), it cannot write there (220001, a forum) or the message is not taken
/// (50006, 50035).
const FINAL: [u64; 6] = [10_003, 10_015, 50_006, 50_027, 50_035, 220_001];

impl Form for Discord {
    const SECRETS: &'static [&'static str] = &["url"];
    const YES: &'static str = "204, or the message as JSON";

    /// The message itself comes back where the URL says `?wait=true`.
    fn hear(answer: &Answer) -> Meaning {
        let is_yes = answer.status == StatusCode::NO_CONTENT || answer.json["id"].is_string();
        answer.means(is_yes, answer.json["code"].as_u64().is_some_and(|code| FINAL.contains(&code)))
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let mut embed = json!({
            "title": cut(&format!("{} {}", icon(notification.severity()), markdown(&notification.subject())), MAX_TITLE),
            "url": links.of(notification),
            "color": colour(notification.severity()),
            "timestamp": notification.at().to_rfc3339_opts(SecondsFormat::Millis, true),
            "footer": {"text": cut(&format!("UpGuard · {}", notification.organisation()), MAX_FOOTER)},
        });
        match notification {
            Notification::One(message) => {
                let facts = message.facts().into_iter().filter(|(name, _)| *name != "Organisation");
                embed["fields"] = facts.map(|(name, value)| field(name, &value)).collect();
            }
            Notification::Digest { .. } | Notification::Test { .. } => {
                let lines: Vec<_> = notification.lines().iter().map(|line| cut(&markdown(line), MAX_TITLE)).collect();
                embed["description"] = list(&lines, MAX_DESCRIPTION).join("\n").into();
            }
        }
        // Nobody is pinged by what a monitor is called.
        let body = json!({"embeds": [embed], "allowed_mentions": {"parse": []}});
        Draft::Http(Post {
            kind: Kind::Discord,
            url: self.url.clone(),
            authorization: None,
            body: body.to_string().into(),
            signing: None,
        })
    }
}

/// Short ones stand side by side.
fn field(name: &str, value: &str) -> Value {
    json!({"name": name, "value": cut(&markdown(value), MAX_VALUE), "inline": value.len() <= 40})
}
