//! Holds answers against the API's document: the status is one it names, every field is one it has, and nothing is missing.
//! Only those words of JSON Schema are known that the document uses; any other fails.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(api::openapi::document()).unwrap());

const NOTES: [&str; 5] = ["description", "example", "default", "title", "propertyNames"];

/// Panics where the document says otherwise; knows nothing of routes that are not in it.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, kind: &str, body: &Value) {
    let Some(operation) = operation(method, path) else { return };
    let place = format!("{method} {path} answered {status}");
    let answer = &operation["responses"][status.to_string()];
    assert!(!answer.is_null(), "{place}, which the document does not name: {body}");
    let answer = answer["$ref"].as_str().map_or(answer, refers);
    let Some(content) = answer["content"].as_object() else {
        let empty = body.is_null() || *body == Value::String(String::new());
        assert!(empty, "{place} with a body the document does not know: {body}");
        return;
    };
    let kind = kind.split(';').next().unwrap();
    let content = content.get(kind).unwrap_or_else(|| panic!("{place} as {kind}, not as one of {:?}", content.keys()));
    if let Err(why) = fits(body, &content["schema"]) {
        panic!("{place}, and the document does not fit: {why}\n{body:#}");
    }
}

/// Panics where no event of the document looks like this.
#[track_caller]
pub fn check_event(event: &str, data: &Value) {
    let event = serde_json::json!({"event": event, "data": data});
    fits(&event, &serde_json::json!({"$ref": "#/components/schemas/LiveEvent"})).unwrap_or_else(|why| panic!("{why}"));
}

/// The operation of a request: the path with the fewest parameters that fits.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut fitting: Vec<_> = paths.iter().filter(|(template, _)| matches(template, path)).collect();
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    fitting.first().and_then(|(_, item)| item.get(method.to_lowercase()))
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
}

fn refers(reference: &str) -> &'static Value {
    DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} is not there"))
}

/// Whether a value is what a schema says; the error says where it is not.
pub fn fits(value: &Value, schema: &Value) -> Result<(), String> {
    let schema = schema.as_object().ok_or("no schema")?;
    if let Some(reference) = schema.get("$ref") {
        return fits(value, refers(reference.as_str().unwrap()));
    }
    if let Some(all) = schema.get("allOf") {
        return object(value, &all.as_array().unwrap().iter().fold(Map::new(), joined));
    }
    if let Some(either) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let tried: Vec<_> = either.as_array().unwrap().iter().map(|one| fits(value, one)).collect();
        let wrong: Vec<_> = tried.iter().filter_map(|it| it.as_ref().err()).cloned().collect();
        return if wrong.len() < tried.len() { Ok(()) } else { Err(format!("none of: {}", wrong.join(" | "))) };
    }
    kind(value, schema)?;
    if let Some(words) = schema.get("enum")
        && !words.as_array().unwrap().contains(value)
    {
        return Err(format!("{value} is none of {words}"));
    }
    bounds(value, schema)?;
    format(value, schema)?;
    match value {
        Value::Object(_) => object(value, schema),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(place, item)| fits(item, &schema["items"]).map_err(|why| format!("/{place}{why}"))),
        _ => Ok(()),
    }
}

fn kind(value: &Value, schema: &Map<String, Value>) -> Result<(), String> {
    let wanted: Vec<&str> = match schema.get("type") {
        None => return Ok(()),
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = wanted.contains(&is) || (is == "integer" && wanted.contains(&"number"));
    if fits { Ok(()) } else { Err(format!(": {value} is no {}", wanted.join(" or "))) }
}

fn bounds(value: &Value, schema: &Map<String, Value>) -> Result<(), String> {
    let size = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => Some(text.chars().count() as f64),
        Value::Array(items) => Some(items.len() as f64),
        _ => None,
    };
    for (word, limit) in schema {
        let limit = limit.as_f64().unwrap_or_default();
        let within = match word.as_str() {
            "minimum" | "minLength" | "minItems" => size.is_none_or(|size| size >= limit),
            "maximum" | "maxLength" | "maxItems" => size.is_none_or(|size| size <= limit),
            "type" | "format" | "enum" | "items" | "properties" | "required" | "additionalProperties" => true,
            other => {
                assert!(NOTES.contains(&other), "`{other}` is no word this test knows");
                true
            }
        };
        if !within {
            return Err(format!(": {value} is beyond {word} {limit}"));
        }
    }
    Ok(())
}

/// A text of a format reads as one, and a number of one fits into it.
fn format(value: &Value, schema: &Map<String, Value>) -> Result<(), String> {
    let Some(format) = schema.get("format").and_then(Value::as_str) else { return Ok(()) };
    let fits = match (format, value) {
        (_, Value::Null) | ("float" | "double", Value::Number(_)) => true,
        ("uuid", Value::String(text)) => text.parse::<uuid::Uuid>().is_ok(),
        ("date", Value::String(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
        ("date-time", Value::String(text)) => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        ("int32", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("int64", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => panic!("{value} has the format `{format}`, which this test does not know"),
    };
    if fits { Ok(()) } else { Err(format!(": {value} is no {format}")) }
}

fn object(value: &Value, schema: &Map<String, Value>) -> Result<(), String> {
    let fields = value.as_object().ok_or_else(|| format!(": {value} is no object"))?;
    let empty = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            return Err(format!(": {name} is missing"));
        }
    }
    fields.iter().try_for_each(|(name, field)| match (known.get(name), schema.get("additionalProperties")) {
        (Some(schema), _) => fits(field, schema).map_err(|why| format!("/{name}{why}")),
        (None, Some(Value::Object(schema))) if schema.is_empty() => Ok(()),
        (None, Some(schema @ Value::Object(_))) => fits(field, schema).map_err(|why| format!("/{name}{why}")),
        (None, _) => Err(format!(": the field `{name}` is not in the document")),
    })
}

/// The fields of all parts together.
fn joined(mut whole: Map<String, Value>, part: &Value) -> Map<String, Value> {
    if let Some(reference) = part["$ref"].as_str() {
        return joined(whole, refers(reference));
    }
    if let Some(all) = part.get("allOf") {
        return all.as_array().unwrap().iter().fold(whole, joined);
    }
    let properties = whole.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    properties.as_object_mut().unwrap().extend(part["properties"].as_object().cloned().unwrap_or_default());
    let required = whole.entry("required").or_insert_with(|| Value::Array(Vec::new()));
    required.as_array_mut().unwrap().extend(part["required"].as_array().cloned().unwrap_or_default());
    whole
}
