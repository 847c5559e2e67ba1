//! What a monitor body has whatever kind of check it asks for. What belongs to one kind documents itself, in `wire`.

use std::{num::NonZeroU16, str::FromStr};

use serde::Deserialize;
use wire::{CheckUrl, Kind, Region};

use super::Interval;
use crate::{
    fields::{self, values},
    ids::PolicyId,
    verdict::{Confirm, Quorum},
};

/// What to watch, how often and from where. What is left out takes its default; so does what only another kind of check has.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MonitorBody))]
#[serde(deny_unknown_fields)]
pub struct OfEveryKind {
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, example = "Shop"))]
    #[serde(deserialize_with = "values::title::<200, _>")]
    pub(super) name: String,
    /// What is checked, without credentials. Its scheme names the kind of check.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 2048, example = "https://shop.example/"))]
    #[serde(deserialize_with = "values::text_as::<StorableUrl, _, _>")]
    pub(super) url: CheckUrl,
    #[cfg_attr(feature = "openapi", schema(value_type = crate::schema::CheckKind, required = false))]
    #[serde(default, deserialize_with = "values::some_text")]
    pub(super) kind: Option<Kind>,
    #[cfg_attr(feature = "openapi", schema(inline, example = 60))]
    #[serde(default)]
    pub(super) interval: Interval,
    /// Names of the regions it is checked from; empty means all.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 100, example = json!([])))]
    #[serde(default, deserialize_with = "values::texts::<100, _, _>")]
    pub(super) regions: Vec<Region>,
    #[cfg_attr(feature = "openapi", schema(inline))]
    #[serde(default)]
    pub(super) confirm: ConfirmBody,
    #[serde(default)]
    pub(super) quorum: Quorum,
    /// The alert policy it goes by; null is the organisation's default.
    #[cfg_attr(feature = "openapi",
        schema(value_type = Option<uuid::Uuid>, example = json!("00000000-0000-7000-8000-000000000000")))]
    #[serde(default, deserialize_with = "values::some_text")]
    pub(super) alert_policy: Option<PolicyId>,
    /// For finding and grouping: each 1 to 50 characters.
    #[cfg_attr(feature = "openapi", schema(max_items = 20, example = json!(["shop"])))]
    #[serde(default, deserialize_with = "values::titles::<20, 50, _>")]
    pub(super) tags: Vec<String>,
    /// Whether it is checked at all.
    #[cfg_attr(feature = "openapi", schema(default = true, example = true))]
    #[serde(default = "values::yes")]
    pub(super) enabled: bool,
}

impl fields::Body for OfEveryKind {
    const REQUIRED: &'static [&'static str] = &["name", "url"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "status",
        "since",
        "phase",
        "created_at",
        "regions_now",
        "beats",
        "uptime",
        "reason",
        "certificate",
        "incident",
    ];
}

/// How often a region has to say so until it is believed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfirmBody {
    /// Failing attempts in a row until a region counts as down; the recheck after the first is the second.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10, default = 2, example = 2))]
    #[serde(deserialize_with = "values::number::<1, 10, _, _>")]
    failures: u8,
    /// Attempts in a row that do not fail until it counts as up again.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10, default = 2, example = 2))]
    #[serde(deserialize_with = "values::number::<1, 10, _, _>")]
    recoveries: u8,
    /// Seconds between further rechecks while a region is in doubt, fewer than `interval`.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 65535, example = 10))]
    #[serde(deserialize_with = "values::some_number::<5, 65_535, _, _>")]
    recheck_every: Option<u16>,
}

impl Default for ConfirmBody {
    fn default() -> Self {
        let Confirm { failures, recoveries, recheck_every } = Confirm::default();
        Self { failures, recoveries, recheck_every: recheck_every.map(NonZeroU16::get) }
    }
}

impl From<ConfirmBody> for Confirm {
    fn from(body: ConfirmBody) -> Self {
        let ConfirmBody { failures, recoveries, recheck_every } = body;
        Self { failures, recoveries, recheck_every: recheck_every.and_then(NonZeroU16::new) }
    }
}

/// A URL that is short enough once it is written the way it is sent.
struct StorableUrl(CheckUrl);

impl FromStr for StorableUrl {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let url: CheckUrl = s.parse()?;
        match url.to_string().len() {
            0..=2_048 => Ok(Self(url)),
            n => Err(format!("is longer than 2048 bytes once it is percent-encoded ({n})")),
        }
    }
}

impl From<StorableUrl> for CheckUrl {
    fn from(url: StorableUrl) -> Self {
        url.0
    }
}
