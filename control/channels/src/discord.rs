//! Discord's webhooks: <https://docs.discord.com/developers/resources/webhook#execute-webhook>.

use chrono::SecondsFormat;
use domain::{
    fields::{self, values},
    message::Notification,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{
    Draft, Form, Hidden, Links, Post,
    read::Target,
    text::{colour, cut, icon, list},
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

impl Form for Discord {
    const SECRETS: &'static [&'static str] = &["url"];

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let mut embed = json!({
            "title": cut(&format!("{} {}", icon(notification.severity()), notification.subject()), MAX_TITLE),
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
                let lines: Vec<_> = notification.lines().iter().map(|line| cut(line, MAX_TITLE)).collect();
                embed["description"] = list(&lines, MAX_DESCRIPTION).join("\n").into();
            }
        }
        // Nobody is pinged by what a monitor is called.
        let body = json!({"embeds": [embed], "allowed_mentions": {"parse": []}});
        Draft::Http(Post { url: self.url.clone(), authorization: None, body: body.to_string().into(), signing: None })
    }
}

/// Short ones stand side by side.
fn field(name: &str, value: &str) -> Value {
    json!({"name": name, "value": cut(value, MAX_VALUE), "inline": value.len() <= 40})
}
