//! How a policy looks: a patch of its body, and the answer.

use std::borrow::Cow;

use channels::Kind;
use domain::{
    ids::{ChannelId, PolicyId},
    policy::Body,
    schema,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use crate::alerting::channel_body::WhyNot;

/// A JSON Merge Patch of a policy.
pub(crate) struct PolicyPatch;

impl PartialSchema for PolicyPatch {
    fn schema() -> RefOr<Schema> {
        schema::patch(Body::schema())
    }
}

impl ToSchema for PolicyPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Body::schemas(schemas);
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
    /// Why it would not, in a sentence.
    #[schema(required)]
    pub(crate) why_not: Option<String>,
    /// The same as a word.
    #[schema(required)]
    pub(crate) why_not_code: Option<WhyNot>,
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
        schema::extended(schema::complete(Body::schema()), Beside::schema())
    }
}

impl ToSchema for PolicyAnswer {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Policy")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Body::schemas(schemas);
        Beside::schemas(schemas);
    }
}
