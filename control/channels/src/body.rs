//! A channel's body in the API: a name, a kind, a switch, and the kind's settings.

use domain::fields::{self, Problem, merge_patch, values};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Kind, Settings};

/// A channel as people describe it, valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// What people call it.
    pub name: String,
    /// Whether it is told anything.
    pub enabled: bool,
    /// How it is reached.
    pub settings: Settings,
}

impl Body {
    /// Reads a body. The error names every bad field.
    pub fn parse(body: &Value) -> Result<Self, Vec<Problem>> {
        match fields::read(body) {
            Ok(ChannelBody { name, kind, settings, enabled }) => {
                let settings = Settings::read(kind, &settings).map_err(in_settings)?;
                Ok(Self { name, enabled, settings })
            }
            Err(problems) => Err([problems, wrong_settings(body)].concat()),
        }
    }

    /// The channel with `patch` applied to its body as a JSON Merge Patch (RFC 7396). Its kind stays, and so do secrets
    /// that the patch does not name.
    pub fn merge(self, patch: &Value) -> Result<Self, Vec<Problem>> {
        let kind = self.settings.kind();
        let mut body = json!({
            "name": self.name,
            "kind": kind,
            "enabled": self.enabled,
            "settings": self.settings.body(),
        });
        merge_patch(&mut body, patch.clone());
        let mut new = Self::parse(&body)?;
        if new.settings.kind() != kind {
            return Err(problem("/kind", format!("`kind` cannot be changed from {kind}: make another channel")));
        }
        stays_secret(kind, &self.settings.body(), &new.settings.body(), &patch["settings"])?;
        new.settings = new.settings.succeed(self.settings);
        Ok(new)
    }
}

fn problem(pointer: &str, detail: String) -> Vec<Problem> {
    vec![Problem { pointer: pointer.to_owned(), detail }]
}

/// A secret was entered for one receiver. Whoever names another one has to know it, or could have it sent to themselves.
fn stays_secret(kind: Kind, before: &Value, after: &Value, patch: &Value) -> Result<(), Vec<Problem>> {
    let Some(destination) = kind.destination() else { return Ok(()) };
    if before[destination] == after[destination] || patch.get(destination).is_none() {
        return Ok(());
    }
    let kept = kind.secrets().iter().find(|name| !after[**name].is_null() && patch.get(**name).is_none());
    kept.map_or(Ok(()), |name| {
        let pointer = format!("/settings/{name}");
        Err(problem(
            &pointer,
            format!("`{name}` must be given again: a stored secret is not sent to another {destination}"),
        ))
    })
}

/// Where alerts go.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelBody {
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, example = "Ops"))]
    #[serde(deserialize_with = "values::title::<100, _>")]
    name: String,
    #[serde(deserialize_with = "values::text")]
    kind: Kind,
    /// How it is reached. Secrets are encrypted at rest and never shown again.
    ///
    /// - webhook: `url`, `secret` (`whsec_…`; made, and shown once, where it is left out)
    /// - email: `to` (addresses), `owners` (whether the organisation's owners are mailed too)
    /// - slack, discord: `url` of an incoming webhook, a secret
    /// - telegram: `token` of a bot, a secret; `chat_id` (a text: "-1001234" or "@channel"), `thread_id`, `api_url`
    /// - pagerduty: `routing_key` of an Events API v2 integration, a secret; `api_url`
    /// - ntfy: `topic`, `server`, `token`, a secret
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, Value>))]
    settings: Map<String, Value>,
    /// Whether it is told anything.
    #[cfg_attr(feature = "openapi", schema(default = true))]
    #[serde(default = "values::yes")]
    enabled: bool,
}

impl fields::Body for ChannelBody {
    const REQUIRED: &'static [&'static str] = &["name", "kind", "settings"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "secrets", "unconfirmed", "able", "why_not", "created_at", "updated_at", "secret"];
}

/// What is wrong with the settings of a body that is wrong elsewhere. The kind says which are good; without one nobody can tell.
fn wrong_settings(body: &Value) -> Vec<Problem> {
    let kind = body["kind"].as_str().and_then(|kind| kind.parse().ok());
    let read = kind.zip(body["settings"].as_object()).map(|(kind, settings)| Settings::read(kind, settings));
    read.and_then(Result::err).map(in_settings).unwrap_or_default()
}

fn in_settings(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().map(|problem| problem.inside("/settings")).collect()
}
