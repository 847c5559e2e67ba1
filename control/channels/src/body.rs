//! A channel's body in the API: a name, a kind, a switch, and the kind's settings.

use domain::fields::{Fields, Problem, Title, merge_patch, read_body};
use serde_json::{Value, json};

use super::{Kind, Settings};

/// Fields of the channel answer.
const READ_ONLY: &str = "is set by UpGuard: leave it out";

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
        read_body(body, read)
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

fn read(mut fields: Fields<'_, '_>) -> Option<Body> {
    fields.require("name");
    fields.require("kind");
    let name = fields.parsed::<Title>("name");
    let kind = fields.parsed::<Kind>("kind");
    let enabled = fields.flag("enabled").unwrap_or(true);
    let settings = settings(&mut fields, kind);
    fields.refuse_others(|name| match name {
        "id" | "secrets" | "unconfirmed" | "able" | "why_not" | "created_at" | "updated_at" | "secret" => {
            Some(READ_ONLY)
        }
        _ => None,
    });
    Some(Body { name: name?.0, enabled, settings: settings? })
}

/// Without a kind nobody can tell which settings are good.
fn settings(fields: &mut Fields<'_, '_>, kind: Option<Kind>) -> Option<Settings> {
    fields.require("settings");
    let inside = fields.inside("settings");
    Settings::read(kind?, inside?)
}
