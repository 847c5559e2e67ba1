//! Slack's incoming webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>. What shows
//! `text` and knows no blocks, as Mattermost does, shows the subject and the link.

use domain::{
    fields::{self, values},
    message::Notification,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{
    Answer, Draft, Form, Hidden, Kind, Links, Meaning, Post,
    read::Target,
    text::{cut, icon, list},
};

/// Limits of <https://docs.slack.dev/reference/block-kit/blocks>, in characters.
const MAX_HEADER: usize = 150;
const MAX_SECTION: usize = 3_000;
/// Of a section's text, what one fact may take.
const MAX_FACT: usize = 280;
/// `&` becomes five characters, and nothing more.
const GROWS: usize = 5;

/// The URL Slack gave out; whoever has it can post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    #[serde(deserialize_with = "values::text_as::<Target, _, _>")]
    url: Hidden<Url>,
}

impl fields::Body for Slack {
    const REQUIRED: &'static [&'static str] = &["url"];
}

/// Errors of <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors> and of tokens that
/// the same message would meet again.
const FINAL: [&str; 20] = [
    "account_inactive",
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_auth",
    "invalid_blocks",
    "invalid_payload",
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_service_id",
    "no_team",
    "no_text",
    "org_login_required",
    "posting_to_general_channel_denied",
    "team_access_not_granted",
    "team_disabled",
    "token_revoked",
    "too_many_attachments",
    "user_not_found",
];

impl Form for Slack {
    const SECRETS: &'static [&'static str] = &["url"];
    const YES: &'static str = "`ok`";

    /// Slack and Mattermost answer in a word; Rocket.Chat (`success`) and Zulip (`result`) in JSON.
    fn hear(answer: &Answer) -> Meaning {
        let (word, json) = (answer.text.trim(), &answer.json);
        let is_yes = word == "ok" || json["ok"] == true || json["success"] == true || json["result"] == "success";
        let error = json["error"].as_str().unwrap_or(word);
        answer.means(is_yes, FINAL.contains(&error))
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let subject = format!("{} {}", icon(notification.severity()), notification.subject());
        let link = links.of(notification);
        // Of what people wrote nothing is markup: `plain_text` has none, and there is no way to escape `*` or `_` in mrkdwn.
        let blocks = json!([
            {"type": "header", "text": plain(&cut(&subject, MAX_HEADER))},
            {"type": "section", "text": plain(&lines(notification))},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": format!("<{link}|Open in UpGuard>")}]},
        ]);
        // Where blocks are shown, this is what notifications say.
        let text = format!("{} {}", escape(&cut(&subject, MAX_SECTION / GROWS)), escape(&link));
        let body = json!({"text": text, "mrkdwn": false, "blocks": blocks});
        Draft::Http(Post {
            kind: Kind::Slack,
            url: self.url.clone(),
            authorization: None,
            body: body.to_string().into(),
            signing: None,
        })
    }
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

fn lines(notification: &Notification) -> String {
    let lines: Vec<String> = match notification {
        Notification::Digest { messages, .. } => messages
            .iter()
            .map(|message| cut(&format!("{} {}", icon(message.severity()), message.subject()), MAX_FACT))
            .collect(),
        Notification::One(_) | Notification::Test { .. } => {
            notification.lines().iter().map(|line| cut(line, MAX_FACT)).collect()
        }
    };
    list(&lines, MAX_SECTION).join("\n")
}

/// The three characters Slack asks to escape; mentions and links cannot be written without them.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
