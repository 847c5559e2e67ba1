//! What to watch, how often and from where: the monitor body of the API, valid by construction.
//!
//! Pure: it does not know how a monitor is stored, which regions exist, or what time it is.

mod body;
mod read;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wire::{CheckUrl, Kind, Region, Spec};

pub use self::body::OfEveryKind;
pub use crate::fields::Problem;
use crate::{
    fields::merge_patch,
    ids::PolicyId,
    verdict::{Confirm, Rules},
};

/// The seconds that can lie between two checks. The migration's `intervals()` lists the same.
pub const INTERVALS: [i32; 18] =
    [5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/// Seconds between two checks: one of [`INTERVALS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Interval(i32);

impl Interval {
    /// Seconds.
    pub fn seconds(self) -> i32 {
        self.0
    }
}

impl Default for Interval {
    fn default() -> Self {
        Self(60)
    }
}

impl TryFrom<u64> for Interval {
    type Error = String;
    fn try_from(seconds: u64) -> Result<Self, String> {
        let known = INTERVALS.into_iter().find(|known| u64::try_from(*known) == Ok(seconds));
        known.map(Self).ok_or_else(|| {
            let list = INTERVALS.map(|seconds| seconds.to_string()).join(", ");
            format!("must be one of {list} seconds, not {seconds}")
        })
    }
}

/// A monitor as people describe it. Only [`Monitor::parse`], [`Monitor::merge`] and a stored row make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    name: String,
    url: CheckUrl,
    interval: Interval,
    regions: Vec<Region>,
    tags: Vec<String>,
    enabled: bool,
    spec: Spec,
    rules: Rules,
    policy: Option<PolicyId>,
}

/// A monitor as a row keeps it. `spec` is the text of its jobs and `rules` that of its rules, each absent when all
/// defaults; no `regions` means all, no `policy` the organisation's default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of the table `monitors`")]
pub struct Columns {
    pub name: String,
    pub url: String,
    pub interval: i32,
    pub regions: Vec<Region>,
    pub spec: Option<String>,
    pub rules: Option<String>,
    pub policy: Option<PolicyId>,
    pub tags: Vec<String>,
    pub enabled: bool,
}

impl Monitor {
    /// Reads a monitor body; absent and `null` fields take their defaults. The error names every bad field.
    pub fn parse(body: &Value) -> Result<Self, Vec<Problem>> {
        read::monitor(body)
    }

    /// The monitor with `patch` applied to its body as a JSON Merge Patch (RFC 7396).
    pub fn merge(&self, patch: &Value) -> Result<Self, Vec<Problem>> {
        if !patch.is_object() {
            return Self::parse(patch);
        }
        let mut patch = patch.clone();
        if let Some(Value::Object(headers)) = patch.get_mut("headers") {
            // Header names have no case, and the body shows them in lower case.
            *headers = std::mem::take(headers).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        }
        let mut body = self.to_body();
        if let Value::Object(body) = &mut body
            && self.changes_kind(&patch)
        {
            body.retain(|name, _| !read::usual(self.spec.kind()).contains_key(name));
        }
        merge_patch(&mut body, patch);
        Self::parse(&body)
    }

    /// Whether it is checked in another way from now on: then what was asked so far says nothing of what to ask.
    fn changes_kind(&self, patch: &Value) -> bool {
        let url = patch.get("url").and_then(Value::as_str).and_then(|url| url.parse::<CheckUrl>().ok());
        url.is_some_and(|url| url.kind() != self.spec.kind())
    }

    /// The same monitor, watched or not.
    #[must_use]
    pub fn with_enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    /// The body with every field, defaults included; those of other kinds are null. Parsing it gives the same monitor again.
    pub fn to_body(&self) -> Value {
        let Confirm { failures, recoveries, recheck_every } = self.rules.confirm;
        let mut body = json!({
            "name": self.name,
            "url": self.url,
            "interval": self.interval,
            "regions": self.regions,
            "confirm": {"failures": failures, "recoveries": recoveries, "recheck_every": recheck_every},
            "quorum": self.rules.quorum,
            "alert_policy": self.policy,
            "tags": self.tags,
            "enabled": self.enabled,
        });
        if let Value::Object(body) = &mut body {
            body.extend(read::fields_of(&self.spec));
            for kind in Kind::ALL {
                fill(body, read::usual(*kind));
            }
        }
        body
    }

    /// The monitor as a row keeps it.
    pub fn columns(&self) -> Columns {
        Columns {
            name: self.name.clone(),
            url: self.url.to_string(),
            interval: self.interval.seconds(),
            regions: self.regions.clone(),
            spec: self.spec_text(),
            rules: self.rules_text(),
            policy: self.policy,
            tags: self.tags.clone(),
            enabled: self.enabled,
        }
    }

    /// The `spec` of its jobs: compact JSON, none when all defaults.
    pub fn spec_text(&self) -> Option<String> {
        let own = unlike(read::fields_of(&self.spec), read::usual(self.spec.kind()));
        (!own.is_empty()).then(|| Value::Object(own).to_string())
    }

    /// How outcomes become its status, as JSON; none when all defaults.
    pub fn rules_text(&self) -> Option<String> {
        // Numbers and words: JSON can hold every one of them.
        (self.rules != Rules::default()).then(|| serde_json::to_string(&self.rules).unwrap_or_default())
    }

    /// How outcomes become its status.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whom to tell; absent for the organisation's default.
    pub fn policy(&self) -> Option<PolicyId> {
        self.policy
    }

    /// What is checked.
    pub fn url(&self) -> &CheckUrl {
        &self.url
    }

    /// How it is checked and what counts as up.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Time between two checks.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// From where it is checked; empty for everywhere.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Whether it is watched at all.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Whether `other` is checked at other moments or from other places, or judged by other rules: these change with the
    /// schedule, so that whoever judges learns of them.
    pub fn schedule_differs(&self, other: &Self) -> bool {
        (self.interval, &self.regions, self.enabled, &self.rules)
            != (other.interval, &other.regions, other.enabled, &other.rules)
    }

    /// Whether a check of `other` asks something else.
    pub fn target_differs(&self, other: &Self) -> bool {
        (&self.url, &self.spec) != (&other.url, &other.spec)
    }

    /// Whether a check of `other` asks another server first: then what is known of this one's certificate says nothing of it.
    pub fn server_differs(&self, other: &Self) -> bool {
        self.server() != other.server()
    }

    fn server(&self) -> (&str, Option<&str>, Option<u16>) {
        let url = self.url.url();
        (url.scheme(), url.host_str(), url.port_or_known_default())
    }
}

/// Null for every field of `others` that is not there, however deep.
fn fill(fields: &mut Map<String, Value>, others: &Map<String, Value>) {
    for (name, other) in others {
        match (fields.get_mut(name), other) {
            (None, _) => drop(fields.insert(name.clone(), Value::Null)),
            (Some(Value::Object(fields)), Value::Object(other)) => fill(fields, other),
            _ => {}
        }
    }
}

/// What of these fields is not as `usual`, however deep.
fn unlike(fields: Map<String, Value>, usual: &Map<String, Value>) -> Map<String, Value> {
    let own = |(name, value): (String, Value)| match (value, usual.get(&name)) {
        (value, Some(usual)) if value == *usual => None,
        (Value::Object(inside), Some(Value::Object(usual))) => Some((name, Value::Object(unlike(inside, usual)))),
        (value, _) => Some((name, value)),
    };
    fields.into_iter().filter_map(own).collect()
}

impl TryFrom<Columns> for Monitor {
    type Error = String;
    /// What was parsed once is not judged again, only read.
    fn try_from(row: Columns) -> Result<Self, String> {
        let url: CheckUrl = row.url.parse()?;
        let spec = Spec::from_json(url.kind(), row.spec.as_deref());
        let rules = row.rules.as_deref().map_or_else(|| Ok(Rules::default()), serde_json::from_str);
        Ok(Self {
            name: row.name,
            url,
            interval: u64::try_from(row.interval).map_err(|why| why.to_string())?.try_into()?,
            regions: row.regions,
            tags: row.tags,
            enabled: row.enabled,
            spec: spec.map_err(|why| format!("spec: {why}"))?,
            rules: rules.map_err(|why| format!("rules: {why}"))?,
            policy: row.policy,
        })
    }
}
