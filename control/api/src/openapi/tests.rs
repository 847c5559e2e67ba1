//! The document against the routes, against its committed copy, and against those who read bodies.

use std::{collections::BTreeSet, fs};

use actions::{
    account::{NewAccount, NewPassword},
    password,
};
use channels::ChannelBody;
use domain::{
    api_key::NewKey,
    fields::{self, Body, Problem},
    monitor::{Monitor, OfEveryKind},
    policy,
};
use serde_json::{Map, Value, json};
use wire::{Kind, Spec};

use super::{super::routes, TAGS, document, text};
use crate::{
    account::session_body::{Credentials, Refresh},
    incidents::Comment,
    monitors::bulk::BulkBody,
    regions::NewRegion,
};

/// Fields of answers that may be null and may be absent: some answers do without the whole field.
const NULL_OR_ABSENT: [(&str, &str); 3] =
    [("Confirm", "recheck_every"), ("UptimeCounts", "uptime_percent"), ("UptimeCounts", "coverage_percent")];

fn whole() -> Value {
    serde_json::to_value(document()).unwrap()
}

fn schemas() -> Map<String, Value> {
    whole()["components"]["schemas"].as_object().unwrap().clone()
}

/// Every operation with its method and path.
fn operations() -> Vec<(String, String, Value)> {
    let of_path = |(path, item): (&String, &Value)| {
        let all = item.as_object().unwrap().clone();
        let path = path.clone();
        all.into_iter()
            .map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
            .collect::<Vec<_>>()
    };
    whole()["paths"].as_object().unwrap().iter().flat_map(of_path).collect()
}

#[test]
fn every_route_is_in_it_and_nothing_else() {
    let ours = routes().filter(|(_, path)| path.starts_with("/api/v1/"));
    let routes: BTreeSet<_> = ours.map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    let documented: BTreeSet<_> = operations().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(documented, routes);
}

#[test]
fn the_committed_copy_is_this_one() {
    let committed =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json")).unwrap_or_default();
    assert!(committed.trim_end() == text(), "docs/openapi.json is another: run `cargo xtask api`");
}

#[test]
fn every_operation_says_what_it_does_and_where_it_belongs() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations() {
        let place = format!("{method} {path}");
        let [tag] = operation["tags"].as_array().unwrap().as_slice() else { panic!("{place}: one tag") };
        assert!(TAGS.iter().any(|(name, _)| tag == name), "{place}: {tag} is not in TAGS");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{place}: a summary");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}: an id of its own");
    }
}

#[test]
fn whatever_is_referred_to_is_there() {
    fn check(value: &Value, whole: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    assert!(whole.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                for field in fields.values() {
                    check(field, whole);
                }
            }
            Value::Array(items) => {
                for item in items {
                    check(item, whole);
                }
            }
            _ => {}
        }
    }
    let whole = whole();
    check(&whole, &whole);
}

/// What answers leave out is never null, and what may be null is always there: clients need one question, not two.
#[test]
fn a_field_of_an_answer_is_null_or_absent_never_both() {
    let is_read = |name: &String| {
        let reads = |operation: &Value| operation["requestBody"].to_string().contains(&format!("/{name}\""));
        operations().iter().any(|(.., operation)| reads(operation))
    };
    for (name, schema) in schemas().into_iter().filter(|(name, _)| !is_read(name)) {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let is_null = |kind: &Value| *kind == "null";
            let may_be_null = property["type"].as_array().is_some_and(|types| types.iter().any(is_null))
                || property["oneOf"].as_array().is_some_and(|all| all.iter().any(|one| is_null(&one["type"])));
            let required = schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == field));
            let both = may_be_null && !required;
            assert!(!both || NULL_OR_ABSENT.contains(&(&name, field)), "{name}.{field} may be null and may be absent");
        }
    }
}

#[test]
fn the_monitor_body_is_what_its_reader_takes() {
    for kind in Kind::ALL {
        let minimal = json!({"name": "a", "url": format!("{}://a.example:25", kind.schemes()[0])});
        let read = |body: &Value| {
            let mut shown = Monitor::parse(body)?.to_body();
            for path in of_others(*kind) {
                take(&mut shown, "/", &path);
            }
            Ok(shown)
        };
        let mut schema = schemas()["MonitorBody"].clone();
        for path in of_others(*kind) {
            take(&mut schema["properties"], "/properties/", &path);
        }
        agrees(&schema, &minimal, &read);
    }
}

/// Fields of the monitor body, however deep, that are for other kinds of checks.
fn of_others(kind: Kind) -> Vec<Vec<String>> {
    fn beside(own: &Value, other: &Value) -> Vec<Vec<String>> {
        let fields = other.as_object().into_iter().flatten();
        let deeper = |(name, value): (&String, &Value)| match own.get(name) {
            None => vec![vec![name.clone()]],
            Some(own) => beside(own, value).into_iter().map(|path| [vec![name.clone()], path].concat()).collect(),
        };
        fields.flat_map(deeper).collect()
    }
    let usual = |kind: &Kind| json!(Spec::usual(*kind));
    Kind::ALL.iter().flat_map(|other| beside(&usual(&kind), &usual(other))).collect()
}

/// Takes the field at `path` out of `from`.
fn take(from: &mut Value, between: &str, path: &[String]) {
    let (name, above) = path.split_last().unwrap();
    let pointer = above.iter().fold(String::new(), |pointer, name| format!("{pointer}/{name}{between}"));
    let fields = from.pointer_mut(pointer.trim_end_matches('/')).unwrap();
    assert!(fields.as_object_mut().unwrap().remove(name).is_some(), "{path:?}");
}

#[test]
fn the_policy_body_is_what_its_reader_takes() {
    let read = |body: &Value| policy::Body::parse(body).map(|policy| policy.to_body());
    agrees(&schemas()["PolicyBody"], &json!({"name": "a"}), &read);
}

#[test]
fn there_is_an_example_of_each_kind_of_channel() {
    let examples =
        whole()["paths"]["/api/v1/channels"]["post"]["requestBody"]["content"]["application/json"]["examples"]
            .as_object()
            .unwrap()
            .clone();
    let kinds: BTreeSet<_> = channels::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(examples.keys().map(String::as_str).collect::<BTreeSet<_>>(), kinds);
    for (kind, example) in &examples {
        let mut body = example["value"].clone();
        if kind == "webhook" {
            // Made for whoever leaves it out, before the body is read.
            body["settings"]["secret"] = json!(channels::fresh_secret().unwrap());
        }
        let read = channels::Body::parse(&body).unwrap();
        assert_eq!(read.settings.kind().as_str(), kind);
    }
}

/// What is documented of a body is what its reader takes: the same fields, and the same ones that must be there.
fn is_its_document<B: Body>(name: &str) {
    let names = |list: &Value| -> BTreeSet<String> { serde_json::from_value(list.clone()).unwrap_or_default() };
    let schema = &schemas()[name];
    assert_eq!(names(&schema["required"]), names(&json!(B::REQUIRED)), "{name}: what is required");
    assert_eq!(schema["additionalProperties"], json!(false), "{name}: what nobody knows is refused");

    let read = |body: &Value| fields::read::<B>(body).err().unwrap_or_default();
    let problems = read(&json!({"no such field": 1}));
    let said = problems.iter().find(|problem| problem.pointer == "/no such field").unwrap();
    let (_, known) = said.detail.split_once("write one of ").unwrap();
    let known: BTreeSet<String> = known.split(", ").map(str::to_owned).collect();
    let documented: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    assert!(known.is_subset(&documented), "{name}: {known:?}");
    // A monitor's are those of its kind of check too.
    assert!(known == documented || name == "MonitorBody", "{name}: {known:?}");

    let missing: BTreeSet<_> = read(&json!({})).into_iter().map(|problem| problem.detail).collect();
    assert_eq!(missing, B::REQUIRED.iter().map(|field| format!("`{field}` is required")).collect(), "{name}");
    for field in B::READ_ONLY {
        let problems = read(&json!({ *field: 1 }));
        assert!(problems.iter().any(|problem| problem.detail.contains("is set by UpGuard")), "{name}.{field}");
    }
}

#[test]
fn bodies_are_what_their_readers_take() {
    is_its_document::<NewAccount>("Registration");
    is_its_document::<NewPassword>("PasswordChange");
    is_its_document::<Credentials>("Credentials");
    is_its_document::<Refresh>("Refresh");
    is_its_document::<NewKey>("ApiKeyBody");
    is_its_document::<OfEveryKind>("MonitorBody");
    is_its_document::<BulkBody>("BulkBody");
    is_its_document::<Comment>("Comment");
    is_its_document::<ChannelBody>("ChannelBody");
    is_its_document::<policy::Body>("PolicyBody");
    is_its_document::<NewRegion>("NewRegion");
}

#[test]
fn passwords_are_as_long_as_is_documented() {
    let schemas = schemas();
    for password in
        [&schemas["Registration"]["properties"]["password"], &schemas["PasswordChange"]["properties"]["new_password"]]
    {
        assert_eq!(
            (&password["minLength"], &password["maxLength"]),
            (&json!(password::MIN_CHARS), &json!(password::MAX_CHARS))
        );
    }
}

type Reader<'r> = &'r dyn Fn(&Value) -> Result<Value, Vec<Problem>>;

/// The fields are those of a body as it is shown; what is left out is its `default`; every `example` is taken, and so is
/// what is just within bounds.
fn agrees(schema: &Value, minimal: &Value, read: Reader<'_>) {
    let shown = read(minimal).unwrap();
    fields(schema, &shown, &mut |path, property| {
        let with = |value: Value| {
            let mut body = minimal.clone();
            put(&mut body, path, value);
            read(&body)
        };
        let place = path.join(".");
        if let Some(default) = property.get("default") {
            assert_eq!(shown.pointer(&format!("/{}", path.join("/"))), Some(default), "the default of {place}");
        }
        if let Some(example) = property.get("example") {
            assert!(with(example.clone()).is_ok(), "{place}: {example} is refused");
        }
        for (bound, step) in [("minimum", -1), ("maximum", 1)] {
            if let Some(bound) = property.get(bound).and_then(Value::as_i64) {
                assert!(with(json!(bound + step)).is_err(), "{place}: {} is taken", bound + step);
                let refused = with(json!(bound)).err();
                // A bound may depend on another field: then that is what is said.
                let depends = |problems: &Vec<Problem>| problems.iter().all(|it| it.detail.contains("interval"));
                assert!(refused.as_ref().is_none_or(depends), "{place}: {bound} is refused: {refused:?}");
            }
        }
    });
}

/// Calls `each` for every property, those of objects in place included, and checks that a body shows the same ones.
fn fields(schema: &Value, shown: &Value, each: &mut dyn FnMut(&[String], &Value)) {
    fn walk(schema: &Value, shown: &Value, path: &mut Vec<String>, each: &mut dyn FnMut(&[String], &Value)) {
        let properties = schema["properties"].as_object().unwrap();
        let names = |map: &Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(properties), names(shown.as_object().unwrap()), "/{}", path.join("/"));
        for (name, property) in properties {
            path.push(name.clone());
            each(path, property);
            if property.get("properties").is_some() {
                walk(property, &shown[name], path, each);
            }
            path.pop();
        }
    }
    walk(schema, shown, &mut Vec::new(), each);
}

fn put(body: &mut Value, path: &[String], value: Value) {
    match path {
        [name] => body[name] = value,
        [name, rest @ ..] => {
            if body[name].is_null() {
                body[name] = json!({});
            }
            put(&mut body[name], rest, value);
        }
        [] => {}
    }
}
