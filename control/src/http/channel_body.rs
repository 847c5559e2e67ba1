//! How a channel looks: its body, which `crate::channel` reads, and the answers. A test compares body and reader.

use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    confirmations::{Unconfirmed, Waiting, has_no_reader, unconfirmed},
    time::moment,
};
use crate::{
    app::App,
    channel::{Kind, Settings},
    ids::ChannelId,
    schema,
    store::channels::Channel,
};

/// Where alerts go.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
pub(super) struct ChannelBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Ops")]
    name: String,
    kind: Kind,
    /// How it is reached. Secrets are encrypted at rest and never shown again.
    ///
    /// - webhook: `url`, `secret` (`whsec_…`; made, and shown once, where it is left out)
    /// - email: `to` (addresses), `owners` (whether the organisation's owners are mailed too)
    /// - slack, discord: `url` of an incoming webhook, a secret
    /// - telegram: `token` of a bot, a secret; `chat_id` (a text: "-1001234" or "@channel"), `thread_id`, `api_url`
    /// - pagerduty: `routing_key` of an Events API v2 integration, a secret; `api_url`
    /// - ntfy: `topic`, `server`, `token`, a secret
    settings: std::collections::HashMap<String, Value>,
    /// Whether it is told anything.
    #[schema(nullable = false, default = true)]
    enabled: Option<bool>,
}

/// A JSON Merge Patch of a channel; `kind` stays, and so do secrets it does not name.
pub(super) struct ChannelPatch;

impl PartialSchema for ChannelPatch {
    fn schema() -> RefOr<Schema> {
        schema::patch(ChannelBody::schema())
    }
}

impl ToSchema for ChannelPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ChannelBody::schemas(schemas);
    }
}

/// A channel as everybody in the organisation sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub(super) struct Shown<'c> {
    #[schema(value_type = Uuid)]
    pub(super) id: ChannelId,
    pub(super) kind: Kind,
    pub(super) name: &'c str,
    pub(super) enabled: bool,
    /// All but the secret ones.
    #[schema(value_type = HashMap<String, Value>)]
    pub(super) settings: &'c Value,
    /// Names of the secret settings that are set.
    pub(super) secrets: Vec<String>,
    /// Addresses of a mail channel whose readers have not confirmed that they want its mails: they get none.
    pub(super) unconfirmed: Vec<Unconfirmed>,
    /// Whether it could be told something now.
    pub(super) able: bool,
    /// Why it could not.
    #[schema(required)]
    pub(super) why_not: Option<String>,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    #[schema(format = DateTime)]
    pub(super) updated_at: String,
    /// A signing secret that was made here: in the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) secret: Option<String>,
}

pub(super) fn shown<'c>(app: &App, channel: &'c Channel, waiting: &Waiting) -> Shown<'c> {
    let why_not = why_not(app, channel, waiting);
    Shown {
        id: channel.id,
        kind: channel.kind,
        name: &channel.name,
        enabled: channel.enabled,
        settings: &channel.shown,
        secrets: channel.settings.as_ref().map(names).unwrap_or_default(),
        unconfirmed: unconfirmed(channel, waiting),
        able: why_not.is_none(),
        why_not,
        created_at: moment(channel.created_at),
        updated_at: moment(channel.updated_at),
        secret: None,
    }
}

fn names(settings: &Settings) -> Vec<String> {
    let (_, secrets) = settings.parts();
    secrets.and_then(|secrets| Some(secrets.as_object()?.keys().cloned().collect())).unwrap_or_default()
}

/// Why a channel cannot be told anything; none where it can.
pub(super) fn why_not(app: &App, channel: &Channel, waiting: &Waiting) -> Option<String> {
    if !channel.enabled {
        return Some("the channel is switched off".to_owned());
    }
    if channel.kind == Kind::Email && !app.courier.has_mail() {
        return Some("smtp.host is not set".to_owned());
    }
    if has_no_reader(channel, waiting) {
        return Some("no reader has confirmed their address yet".to_owned());
    }
    channel.settings.as_ref().err().cloned()
}

/// What the receiver of a test said.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelTested)]
pub(super) struct Tested {
    pub(super) ok: bool,
    /// The HTTP status or SMTP reply code; null where there was no answer.
    #[schema(required)]
    pub(super) status: Option<u16>,
    /// The first KiB of the answer, or why there is none.
    pub(super) answer: String,
    pub(super) took_ms: u64,
    /// Whether it would be refused again.
    pub(super) permanent: bool,
}
