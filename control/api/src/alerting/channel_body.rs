//! How a channel looks: a patch of its body, and the answers.

use channels::{Channel, ChannelBody, Kind, Settings};
use domain::{ids::ChannelId, schema};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    App,
    alerting::confirmations::{Unconfirmed, Waiting, has_no_reader, unconfirmed},
    time::moment,
};

/// A JSON Merge Patch of a channel; `kind` stays, and so do secrets it does not name.
pub(crate) struct ChannelPatch;

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
pub(crate) struct Shown<'c> {
    #[schema(value_type = Uuid)]
    pub(crate) id: ChannelId,
    pub(crate) kind: Kind,
    pub(crate) name: &'c str,
    pub(crate) enabled: bool,
    /// All but the secret ones.
    #[schema(value_type = HashMap<String, Value>)]
    pub(crate) settings: &'c Value,
    /// Names of the secret settings that are set.
    pub(crate) secrets: Vec<String>,
    /// Addresses of a mail channel whose readers have not confirmed that they want its mails: they get none.
    pub(crate) unconfirmed: Vec<Unconfirmed>,
    /// Whether it could be told something now.
    pub(crate) able: bool,
    /// Why it could not, in a sentence.
    #[schema(required)]
    pub(crate) why_not: Option<String>,
    /// The same as a word.
    #[schema(required)]
    pub(crate) why_not_code: Option<WhyNot>,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
    /// A signing secret that was made here: in the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) secret: Option<String>,
}

pub(crate) fn shown<'c>(app: &App, channel: &'c Channel, waiting: &Waiting) -> Shown<'c> {
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
        why_not_code: why_not.as_ref().map(|(code, _)| *code),
        why_not: why_not.map(|(_, why)| why),
        created_at: moment(channel.created_at),
        updated_at: moment(channel.updated_at),
        secret: None,
    }
}

fn names(settings: &Settings) -> Vec<String> {
    let (_, secrets) = settings.parts();
    secrets.and_then(|secrets| Some(secrets.as_object()?.keys().cloned().collect())).unwrap_or_default()
}

/// Why a channel cannot be told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhyNot {
    /// It is switched off.
    Disabled,
    /// This installation has no mail server.
    NoMailServer,
    /// No reader has confirmed their address.
    Unconfirmed,
    /// Its settings cannot be read.
    Unreadable,
}

/// Why a channel cannot be told anything, and the sentence; none where it can.
pub(crate) fn why_not(app: &App, channel: &Channel, waiting: &Waiting) -> Option<(WhyNot, String)> {
    if !channel.enabled {
        return Some((WhyNot::Disabled, "the channel is switched off".to_owned()));
    }
    if channel.kind == Kind::Email && !app.sender.has_mail() {
        return Some((WhyNot::NoMailServer, "smtp.host is not set".to_owned()));
    }
    if has_no_reader(channel, waiting) {
        return Some((WhyNot::Unconfirmed, "no reader has confirmed their address yet".to_owned()));
    }
    Some((WhyNot::Unreadable, channel.settings.as_ref().err()?.clone()))
}

/// What the receiver of a test said.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelTested)]
pub(crate) struct Tested {
    pub(crate) ok: bool,
    /// The HTTP status or SMTP reply code; null where there was no answer.
    #[schema(required)]
    pub(crate) status: Option<u16>,
    /// The first KiB of the answer, or why there is none.
    pub(crate) answer: String,
    pub(crate) took_ms: u64,
    /// Whether it would be refused again.
    pub(crate) permanent: bool,
}
