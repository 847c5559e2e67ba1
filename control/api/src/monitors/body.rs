//! The monitor body for the API's document. It is read in `domain::monitor`, field by field; tests compare the two. What belongs
//! to one kind of check documents itself, in `wire`.

use std::borrow::Cow;

use domain::{monitor::Interval, schema, verdict::Quorum};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;
use wire::Kind;

/// What to watch, how often and from where.
pub(crate) struct MonitorBody;

impl PartialSchema for MonitorBody {
    fn schema() -> RefOr<Schema> {
        let of_kind = |body, kind: &Kind| schema::merged(body, schema::optional(schema::of_kind(*kind)), false);
        Kind::ALL.iter().fold(OfEveryKind::schema(), of_kind)
    }
}

impl MonitorBody {
    /// The body as answers have it: with every field, null where it is for another kind of check.
    pub(crate) fn whole() -> RefOr<Schema> {
        let of_kind = |body, kind: &Kind| schema::merged(body, schema::complete(schema::of_kind(*kind)), true);
        Kind::ALL.iter().fold(schema::complete(OfEveryKind::schema()), of_kind)
    }
}

impl ToSchema for MonitorBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MonitorBody")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        OfEveryKind::schemas(schemas);
    }
}

/// What to watch, how often and from where. What is left out takes its default; so does what only another kind of check has.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
struct OfEveryKind {
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, example = "Shop")]
    name: String,
    /// What is checked, without credentials. Its scheme names the kind of check.
    #[schema(max_length = 2048, example = "https://shop.example/")]
    url: String,
    #[schema(nullable = false)]
    kind: Option<schema::CheckKind>,
    #[schema(inline, nullable = false, example = 60)]
    interval: Option<Interval>,
    /// Seconds for the whole check, redirects included.
    #[schema(nullable = false, minimum = 1, maximum = 30, default = 10, example = 10)]
    timeout: Option<u8>,
    /// Names of the regions it is checked from; empty means all.
    #[schema(nullable = false, max_items = 100, example = json!([]))]
    regions: Option<Vec<String>>,
    #[schema(inline, nullable = false)]
    tls: Option<MonitorTls>,
    #[schema(inline, nullable = false)]
    expect: Option<MonitorExpect>,
    #[schema(inline, nullable = false)]
    confirm: Option<MonitorConfirm>,
    #[schema(nullable = false)]
    quorum: Option<Quorum>,
    /// The alert policy it goes by; null is the organisation's default.
    #[schema(example = json!("00000000-0000-7000-8000-000000000000"))]
    alert_policy: Option<Uuid>,
    /// For finding and grouping: each 1 to 50 characters.
    #[schema(nullable = false, max_items = 20, example = json!(["shop"]))]
    tags: Option<Vec<String>>,
    /// Whether it is checked at all.
    #[schema(nullable = false, default = true, example = true)]
    enabled: Option<bool>,
}

/// How certificates are judged.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
struct MonitorTls {
    /// Whether the certificate must be one to trust.
    #[schema(nullable = false, default = true, example = true)]
    verify: Option<bool>,
    /// PEM of authorities to trust beside the public ones.
    #[schema(max_length = 65536)]
    ca: Option<String>,
}

/// What the answer must be like.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
struct MonitorExpect {
    /// Slower is degraded.
    #[schema(minimum = 1, maximum = 60000, example = 800)]
    max_latency_ms: Option<u32>,
    /// A certificate that ends sooner is degraded.
    #[schema(minimum = 1, maximum = 3650, example = 14)]
    min_cert_days: Option<u16>,
}

/// How often a region has to say so until it is believed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
struct MonitorConfirm {
    /// Failing attempts in a row until a region counts as down; the recheck after the first is the second.
    #[schema(nullable = false, minimum = 1, maximum = 10, default = 2, example = 2)]
    failures: Option<u8>,
    /// Attempts in a row that do not fail until it counts as up again.
    #[schema(nullable = false, minimum = 1, maximum = 10, default = 2, example = 2)]
    recoveries: Option<u8>,
    /// Seconds between further rechecks while a region is in doubt, fewer than `interval`.
    #[schema(minimum = 5, maximum = 65535, example = 10)]
    recheck_every: Option<u16>,
}

/// A JSON Merge Patch of a monitor.
pub(crate) struct MonitorPatch;

impl PartialSchema for MonitorPatch {
    fn schema() -> RefOr<Schema> {
        schema::patch(MonitorBody::schema())
    }
}

impl ToSchema for MonitorPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        MonitorBody::schemas(schemas);
    }
}

/// A monitor that is tried out and not saved: it needs no name.
pub(crate) struct MonitorTrial;

impl PartialSchema for MonitorTrial {
    fn schema() -> RefOr<Schema> {
        schema::unnamed(MonitorBody::schema())
    }
}

impl ToSchema for MonitorTrial {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        MonitorBody::schemas(schemas);
    }
}
