//! The monitor body for the API's document: what is read whatever the kind of check, and beside it the spec of each kind.

use std::borrow::Cow;

use domain::{monitor::OfEveryKind, schema};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, Schema},
};
use wire::Kind;

/// What to watch, how often and from where.
pub(crate) struct MonitorBody;

impl PartialSchema for MonitorBody {
    fn schema() -> RefOr<Schema> {
        schema::merged(OfEveryKind::schema(), of_kinds(schema::optional, false), false)
    }
}

impl MonitorBody {
    /// The body as answers have it: with every field, null where it is for another kind of check.
    pub(crate) fn whole() -> RefOr<Schema> {
        schema::merged(schema::complete(OfEveryKind::schema()), of_kinds(schema::complete, true), false)
    }
}

/// What the kinds of checks have beside that, each `shaped`.
fn of_kinds(shaped: fn(RefOr<Schema>) -> RefOr<Schema>, is_null: bool) -> RefOr<Schema> {
    let mut kinds = Kind::ALL.iter().map(|kind| shaped(schema::of_kind(*kind)));
    let first = kinds.next().unwrap_or_else(|| Object::new().into());
    kinds.fold(first, |all, kind| schema::merged(all, kind, is_null))
}

impl ToSchema for MonitorBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MonitorBody")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        OfEveryKind::schemas(schemas);
    }
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
