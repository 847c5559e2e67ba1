//! How a policy looks: its body, which `domain::policy` reads, and the answer. A test compares body and reader.

use std::borrow::Cow;

use channels::Kind;
use domain::{
    ids::{ChannelId, PolicyId},
    incident::Level,
    schema,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

/// Whom to tell of what. What is left out takes its default.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct PolicyBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Night")]
    name: String,
    /// Who is told.
    #[schema(nullable = false, max_items = 50, example = json!([]))]
    channels: Option<Vec<Uuid>>,
    /// Levels that are sent; all others are shown and not sent.
    #[schema(nullable = false, default = json!(["certificate", "region", "lane", "down"]), example = json!(["down"]))]
    sends: Option<Vec<Level>>,
    /// Seconds an opening is held back; what is over before is not sent.
    #[schema(nullable = false, minimum = 0, maximum = 86400, default = 0, example = 60)]
    delay: Option<i32>,
    /// Seconds between reminders of what nobody acknowledged; null for none.
    #[schema(minimum = 60, maximum = 604_800, example = 3600)]
    reminder: Option<i32>,
    /// Whether monitors without `alert_policy` go by it; making another policy the default moves it.
    #[schema(nullable = false, default = false, example = false)]
    default: Option<bool>,
}

/// A JSON Merge Patch of a policy.
pub(crate) struct PolicyPatch;

impl PartialSchema for PolicyPatch {
    fn schema() -> RefOr<Schema> {
        schema::patch(PolicyBody::schema())
    }
}

impl ToSchema for PolicyPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PolicyBody::schemas(schemas);
    }
}

/// A policy: its body with every field, and who would be told now.
#[derive(Serialize)]
pub(crate) struct PolicyAnswer {
    pub(crate) id: PolicyId,
    #[serde(flatten)]
    pub(crate) body: Value,
    pub(crate) tells: Vec<Tells>,
    pub(crate) warning: Option<String>,
}

/// Whether a channel of a policy would be told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tells {
    #[schema(value_type = Uuid)]
    pub(crate) channel: ChannelId,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) able: bool,
    #[schema(required)]
    pub(crate) why_not: Option<String>,
}

/// What a policy's answer has beside its body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
struct Beside {
    id: Uuid,
    /// Each channel, and whether it would be told.
    tells: Vec<Tells>,
    /// Why nobody would be told, in a sentence.
    #[schema(required)]
    warning: Option<String>,
}

impl PartialSchema for PolicyAnswer {
    fn schema() -> RefOr<Schema> {
        schema::extended(schema::complete(PolicyBody::schema()), Beside::schema())
    }
}

impl ToSchema for PolicyAnswer {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Policy")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PolicyBody::schemas(schemas);
        Beside::schemas(schemas);
    }
}
