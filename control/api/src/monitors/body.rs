//! The monitor body for the API's document. It is read in `domain::monitor`, field by field; tests compare the two.

use std::collections::HashMap;

use domain::{monitor::Interval, schema, verdict::Quorum};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

/// What to watch, how often and from where. What is left out takes its default.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct MonitorBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, example = "Shop")]
    name: String,
    /// http or https, without credentials.
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
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
    #[schema(nullable = false, default = "GET", example = "GET")]
    method: Option<String>,
    /// Sent with every request. Names have no case.
    #[schema(nullable = false, example = json!({"accept-language": "en"}))]
    headers: Option<HashMap<String, String>>,
    /// Sent with every request.
    #[schema(max_length = 16384, example = "ping")]
    body: Option<String>,
    /// Whether to go where redirects lead; each hop is judged like the first.
    #[schema(nullable = false, default = true, example = true)]
    follow_redirects: Option<bool>,
    #[schema(nullable = false, minimum = 0, maximum = 20, default = 10, example = 10)]
    max_redirects: Option<u8>,
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
    /// Status codes or ranges of them.
    #[schema(nullable = false, max_items = 20, default = json!(["200-299"]), example = json!(["200-299", "404"]))]
    status: Option<Vec<String>>,
    /// Looked for in the first 1 MiB of the body.
    #[schema(max_length = 16384, example = "Welcome")]
    contains: Option<String>,
    /// Must not be in the first 1 MiB of the body.
    #[schema(max_length = 16384, example = "Out of order")]
    not_contains: Option<String>,
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
