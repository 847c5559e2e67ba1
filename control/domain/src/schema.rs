//! Schemas of the API's document: the closed words, and what no derive can say. Words are read from the lists they are made
//! from, so that none is written twice.
//!
//! Our own enums are their schemas. Those of `wire`, which knows of no document, have a stand-in of the same name in
//! `of_wire`: `#[schema(value_type = schema::Verdict)]`.

macro_rules! schemas {
    ($($of:ty as $name:literal of $words:expr, $what:literal;)*) => {$(
        impl PartialSchema for $of {
            fn schema() -> RefOr<Schema> {
                one_of($words, $what)
            }
        }

        impl ToSchema for $of {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

pub mod of_wire;
mod shapes;

use std::borrow::Cow;

use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, OneOfBuilder, Type},
    },
};

pub use of_wire::{CheckKind, Diagnosis, Evidence, Presented, Reason, Verdict};
pub use shapes::{complete, extended, merged, of_kind, optional, patch, read, unnamed};

use crate::{
    api_key::{Act, Scope},
    ids::Role,
    incident,
    monitor::{INTERVALS, Interval},
    status::Status,
    uptime::Counts,
    verdict::{Quorum, Silence},
};

/// A text that is one of these words.
pub fn one_of(words: impl IntoIterator<Item = impl Into<String>>, what: &str) -> RefOr<Schema> {
    let words: Vec<String> = words.into_iter().map(Into::into).collect();
    let mut text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    if !what.is_empty() {
        text = text.description(Some(what));
    }
    text.into()
}

schemas! {
    Status as "Status" of Status::ALL.map(Status::as_str).into_iter().chain(["maintenance"]),
        "What a monitor is. `maintenance` is kept for later versions.";
    Role as "Role" of Role::ALL.iter().map(|it| it.as_str()),
        "What a member may do; each role may also do what those before it may.";
    Act as "ApiKeyAct" of Act::ALL.iter().map(|it| it.as_str()), "What was done with an API key.";
    Scope as "ApiKeyScope" of Scope::ALL.iter().map(|it| it.as_str()),
        "What a key may do: look; look and change what an editor may; or fetch the series of all monitors and nothing else.";
    Silence as "Silence" of Silence::WORDS,
        "Why a region has no vote: never heard, not heard lately, no workers, doubts what it saw, did not look, not sure yet.";
    incident::Kind as "IncidentKind" of incident::Kind::ALL.iter().map(|it| it.as_str()), "What an incident is about.";
    incident::State as "IncidentState" of incident::State::ALL.iter().map(|it| it.as_str()), "Where an incident stands.";
    incident::Level as "Level" of incident::Level::ALL.iter().map(|it| it.as_str()),
        "How bad it is; what is no availability incident has its kind for a level.";
    incident::What as "What" of incident::What::ALL.iter().map(|it| it.as_str()), "What happened to an incident.";
}

impl PartialSchema for Interval {
    fn schema() -> RefOr<Schema> {
        let list = INTERVALS.map(|seconds| seconds.to_string()).join(", ");
        let what = format!("Seconds between checks: one of {list}.");
        let number = ObjectBuilder::new().schema_type(Type::Integer).description(Some(what));
        number.default(Some(json!(Self::default().seconds()))).into()
    }
}

impl ToSchema for Interval {}

impl PartialSchema for Quorum {
    fn schema() -> RefOr<Schema> {
        let words = [Self::Any, Self::Majority, Self::All].map(|it| json!(it).as_str().unwrap_or_default().to_owned());
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(u16::MAX));
        let count = ObjectBuilder::new().property("count", number).required("count");
        let either = OneOfBuilder::new().item(one_of(words, "")).item(count);
        either.description(Some("How many of the regions that can vote it takes.")).into()
    }
}

impl ToSchema for Quorum {}

/// Counts over the closed, scheduled slots of a period.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
struct UptimeCounts {
    /// Up and degraded.
    good: i64,
    /// Up, degraded and down: those somebody looked at.
    total: i64,
    /// All there should be.
    expected: i64,
    /// Good of total, rounded down to three places; null where nobody looked.
    uptime_percent: Option<f64>,
    /// Total of expected, likewise.
    coverage_percent: Option<f64>,
}

impl PartialSchema for Counts {
    fn schema() -> RefOr<Schema> {
        UptimeCounts::schema()
    }
}

impl ToSchema for Counts {
    fn name() -> Cow<'static, str> {
        UptimeCounts::name()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Serialize;
    use serde_json::Value;

    use super::*;

    fn words<S: ToSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(S::schema()).unwrap();
        serde_json::from_value(schema["enum"].clone()).unwrap()
    }

    fn written<T: Serialize>(all: &[T]) -> BTreeSet<String> {
        let word = |value: &T| match json!(value) {
            Value::String(word) => word,
            other => panic!("{other} is no word"),
        };
        all.iter().map(word).collect()
    }

    #[test]
    fn words_are_what_answers_say() {
        assert_eq!(words::<Verdict>(), written(wire::Verdict::ALL));
        assert_eq!(words::<Reason>(), written(wire::Reason::ALL));
        assert_eq!(words::<Diagnosis>(), written(wire::Diagnosis::ALL));
        assert_eq!(words::<CheckKind>(), written(&wire::Kind::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>()));
        assert_eq!(words::<Role>(), written(Role::ALL));
        assert_eq!(words::<Act>(), written(Act::ALL));
        assert_eq!(words::<Scope>(), written(Scope::ALL));
        assert_eq!(words::<incident::Kind>(), written(incident::Kind::ALL));
        assert_eq!(words::<incident::State>(), written(incident::State::ALL));
        assert_eq!(words::<incident::Level>(), written(incident::Level::ALL));
        assert_eq!(words::<incident::What>(), written(incident::What::ALL));
        assert!(words::<Status>().is_superset(&written(&Status::ALL)));
    }
}
