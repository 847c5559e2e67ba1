//! The channel body for the API's document. It is read in `crate::channel`; a test compares the two.

use std::collections::HashMap;

use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{channel::Kind, schema};

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
    settings: HashMap<String, Value>,
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
