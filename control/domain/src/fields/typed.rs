//! Reading a JSON value as a type that serde reads, in words for people, so that one answer names every part that is wrong.
//!
//! The type itself says what is wrong with it. Which parts are wrong is found by reading each by itself: the smallest that is
//! refused alone is the one to name. `null` counts as absent.

use std::fmt;

use serde::{
    de::{
        DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, json};

use super::{Problem, escaped, sentence};

/// A list or an object of more parts than these is refused whole, by the first part that is wrong.
const PARTS: usize = 1_000;

/// What `seed` makes of an object. The error names every part that is wrong, and those of `required` that are not there.
pub(crate) fn read<S, T>(seed: S, object: &Map<String, Value>, required: &[&str]) -> Result<T, Vec<Problem>>
where
    S: Copy + for<'de> DeserializeSeed<'de, Value = T>,
{
    let read = |value: &Value| seed.deserialize(Plain(value));
    let whole = Value::Object(object.clone());
    read(&whole).map_err(|wrong| {
        let is_missing = |name: &&&str| object.get(**name).is_none_or(Value::is_null);
        let missing = required.iter().filter(is_missing).map(|name| Problem::of(name, "is required"));
        let mut problems: Vec<Problem> = missing.collect();
        // What is there is judged by itself, whatever is missing beside it.
        let refused = |value: Value| read(&value).err().filter(|wrong| !wrong.is_missing);
        blame(&refused, &whole, "", "", &mut problems);
        if problems.is_empty() {
            problems.push(Problem { pointer: String::new(), detail: sentence("", &wrong.why) });
        }
        problems
    })
}

/// Names the parts of `value`, which stands at the pointer `at` and is called `name`, that are wrong by themselves; where there is
/// none, the value.
fn blame(refused: &dyn Fn(Value) -> Option<Wrong>, value: &Value, at: &str, name: &str, problems: &mut Vec<Problem>) {
    let before = problems.len();
    // Of a field that nobody knows it does not matter what stands in it.
    let is_unknown = || refused(json!({})).is_some_and(|wrong| wrong.unknown.is_some_and(|field| field == name));
    match value {
        Value::Object(_) | Value::Array(_) if is_unknown() => {}
        Value::Object(parts) if parts.len() <= PARTS => {
            for (part, value) in parts {
                let alone = |value: Value| refused(json!({ part: value }));
                if alone(value.clone()).is_some() {
                    blame(&alone, value, &format!("{at}/{}", escaped(part)), part, problems);
                }
            }
        }
        Value::Array(parts) if parts.len() <= PARTS => {
            for (place, value) in parts.iter().enumerate() {
                let alone = |value: Value| refused(json!([value]));
                if alone(value.clone()).is_some() {
                    blame(&alone, value, &format!("{at}/{place}"), &format!("{name}/{place}"), problems);
                }
            }
        }
        _ => {}
    }
    if problems.len() == before
        && let Some(wrong) = refused(value.clone())
    {
        problems.push(Problem { pointer: at.to_owned(), detail: sentence(name, &wrong.why) });
    }
}

/// Why a value is not taken.
#[derive(Debug)]
struct Wrong {
    /// Reads on from its name.
    why: String,
    /// The field that nobody knows, where that is why.
    unknown: Option<String>,
    /// Whether a field is not there that must be.
    is_missing: bool,
}

impl Wrong {
    fn new(why: String) -> Self {
        Self { why, unknown: None, is_missing: false }
    }
}

impl std::error::Error for Wrong {}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::new(why.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let wanted = match expected.to_string().as_str() {
            "a boolean" => "true or false".to_owned(),
            "a string" => "a text".to_owned(),
            "a sequence" => "a list".to_owned(),
            "u8" | "u16" | "u32" | "u64" => "a whole number".to_owned(),
            object if object == "a map" || object.starts_with("struct ") => "an object".to_owned(),
            other => other.to_owned(),
        };
        Self::new(format!("must be {wanted}, not {}", in_words(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Signed(number) => Self::new(format!("must be 0 or more, not {number}")),
            _ => Self::invalid_type(found, expected),
        }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self { unknown: Some(name.to_owned()), ..Self::new(format!("{NO_FIELD}{}", known.join(", "))) }
    }

    fn missing_field(name: &'static str) -> Self {
        Self { is_missing: true, ..Self::new(format!("lacks `{name}`")) }
    }
}

/// What is said of a field that nobody knows, before those that are known.
pub(crate) const NO_FIELD: &str = "is no field here: leave it out or write one of ";

fn in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(flag) => flag.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Str(_) => "a text".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        Unexpected::Unit => "null".to_owned(),
        other => other.to_string(),
    }
}

/// A value, handed out as it stands.
#[derive(Clone, Copy)]
struct Plain<'v>(&'v Value);

impl<'de> IntoDeserializer<'de, Wrong> for Plain<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Plain<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => Err(Wrong::custom("is no number that can be read")),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Plain))),
            Value::Object(fields) => {
                let there = fields.iter().filter(|(_, value)| !value.is_null());
                visitor.visit_map(MapDeserializer::new(there.map(|(name, value)| (name.as_str(), Plain(value)))))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    /// As derived, structs would take lists of their fields too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if self.0.is_array() {
            Err(Wrong::invalid_type(Unexpected::Seq, &visitor))
        } else {
            self.deserialize_any(visitor)
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Example {
        rooms: Option<u8>,
        doors: Vec<bool>,
        owner: Owner,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Owner {
        name: String,
    }

    /// `pointer: detail` of everything that is wrong.
    fn wrong(value: &Value) -> Vec<String> {
        let read = read(PhantomData::<Example>, value.as_object().unwrap(), &[]);
        let problems = read.err().unwrap_or_default();
        problems.into_iter().map(|Problem { pointer, detail }| format!("{pointer}: {detail}")).collect()
    }

    #[test]
    fn every_part_that_is_wrong_is_named() {
        assert_eq!(wrong(&json!({"rooms": 3, "doors": [true], "owner": {"name": "a"}})), [""; 0]);
        assert_eq!(wrong(&json!({"rooms": null, "doors": null, "owner": {"name": null}})), [""; 0]);
        let value = json!({"rooms": -1, "doors": [true, 7, "x"], "owner": {"name": 1, "age": {"owner": 2}}, "a/b": 3});
        assert_eq!(
            wrong(&value),
            [
                "/a~1b: `a/b` is no field here: leave it out or write one of rooms, doors, owner",
                "/doors/1: `doors/1` must be true or false, not 7",
                "/doors/2: `doors/2` must be true or false, not a text",
                "/owner/age: `age` is no field here: leave it out or write one of name",
                "/owner/name: `name` must be a text, not 1",
                "/rooms: `rooms` must be 0 or more, not -1",
            ]
        );
    }

    #[test]
    fn what_is_of_another_kind_is_said_in_words() {
        for (value, expected) in [
            (json!({"rooms": 1.5}), "/rooms: `rooms` must be a whole number, not 1.5"),
            (json!({"rooms": 256}), "/rooms: `rooms` must be a whole number, not 256"),
            (json!({"doors": {}}), "/doors: `doors` must be a list, not an object"),
            (json!({"doors": [null]}), "/doors/0: `doors/0` must be true or false, not null"),
            (json!({"owner": []}), "/owner: `owner` must be an object, not a list"),
            (json!({"owner": true}), "/owner: `owner` must be an object, not true"),
        ] {
            assert_eq!(wrong(&value), [expected]);
        }
    }

    #[test]
    fn a_long_list_is_refused_whole() {
        assert_eq!(wrong(&json!({"doors": vec![0; PARTS + 1]})), ["/doors: `doors` must be true or false, not 0"]);
        assert_eq!(wrong(&json!({"doors": vec![0; PARTS]})).len(), PARTS);
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read is asked")]
    struct House {
        name: String,
        rooms: u8,
        owner: Option<Owner>,
    }

    #[test]
    fn whatever_is_missing_is_named_beside_what_is_wrong() {
        let wrong = |value: Value| -> Vec<String> {
            let read = read(PhantomData::<House>, value.as_object().unwrap(), &["name", "rooms"]);
            read.unwrap_err().into_iter().map(|Problem { pointer, detail }| format!("{pointer}: {detail}")).collect()
        };
        assert_eq!(wrong(json!({})), ["/name: `name` is required", "/rooms: `rooms` is required"]);
        assert_eq!(
            wrong(json!({"name": null, "rooms": "x", "owner": {"name": 1}})),
            [
                "/name: `name` is required",
                "/owner/name: `name` must be a text, not 1",
                "/rooms: `rooms` must be a whole number, not a text",
            ]
        );
        assert_eq!(wrong(json!({"rooms": 1, "age": 2})).len(), 2);
    }
}
