//! Reading a JSON object field by field, so that one answer can name every bad field and the mend.
//!
//! It knows JSON and nothing of what the fields mean.

pub(crate) mod typed;

use std::{
    any::Any,
    fmt::Display,
    num::ParseIntError,
    str::{FromStr, ParseBoolError},
};

use serde::Serialize;
use serde_json::{Map, Value};

/// What is wrong with one field, and the mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProblemError))]
pub struct Problem {
    /// Which field: a JSON pointer into the body (RFC 6901), such as `/expect/status/0`; empty for the body itself.
    pub pointer: String,
    /// A sentence for people.
    pub detail: String,
}

/// The fields of one object. What is wrong is noted and reading goes on; `null` counts as absent.
pub struct Fields<'v, 'p> {
    at: String,
    object: &'v Map<String, Value>,
    known: Vec<&'static str>,
    problems: &'p mut Vec<Problem>,
}

/// Reads a whole body. The error names every bad field.
pub fn read_body<T>(body: &Value, read: impl for<'p> FnOnce(Fields<'_, 'p>) -> Option<T>) -> Result<T, Vec<Problem>> {
    let mut problems = Vec::new();
    match Fields::of_body(body, &mut problems).and_then(read) {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

impl<'v, 'p> Fields<'v, 'p> {
    /// The fields of a whole body.
    pub fn of_body(body: &'v Value, problems: &'p mut Vec<Problem>) -> Option<Self> {
        let Value::Object(object) = body else {
            let detail = format!("the body must be a JSON object, not {}", kind_of(body));
            problems.push(Problem { pointer: String::new(), detail });
            return None;
        };
        Some(Self { at: String::new(), object, known: Vec::new(), problems })
    }

    /// The object under `name`, its pointers continuing ours.
    pub fn inside(&mut self, name: &'static str) -> Option<Fields<'v, '_>> {
        let object = match self.take(name)? {
            Value::Object(object) => object,
            other => return self.wrong_kind(name, "an object", other),
        };
        Some(Fields { at: self.pointer(name), object, known: Vec::new(), problems: &mut *self.problems })
    }

    /// Whatever stands there.
    pub fn any(&mut self, name: &'static str) -> Option<&'v Value> {
        self.take(name)
    }

    /// A text, as it stands.
    pub fn text(&mut self, name: &'static str) -> Option<&'v str> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => self.wrong_kind(name, "a text", other),
        }
    }

    /// A text that parses itself.
    pub fn parsed<T: FromStr<Err: Display + 'static>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|why: T::Err| self.reject(name, &in_words(&why, text))).ok()
    }

    /// A whole number that judges itself.
    pub fn number<T: TryFrom<u64, Error: Display>>(&mut self, name: &'static str) -> Option<T> {
        let value = self.take(name)?;
        let Some(number) = value.as_u64() else {
            let kind = if value.is_i64() { "0 or more" } else { "a whole number" };
            return self.wrong_kind(name, kind, value);
        };
        T::try_from(number).map_err(|why| self.reject(name, &why.to_string())).ok()
    }

    /// A whole number from `min` to `max`.
    pub fn number_within(&mut self, name: &'static str, min: u64, max: u64) -> Option<u64> {
        let number: u64 = self.number(name)?;
        if (min..=max).contains(&number) {
            return Some(number);
        }
        self.reject(name, &format!("must be from {min} to {max}, not {number}"));
        None
    }

    /// True or false.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(*flag),
            other => self.wrong_kind(name, "true or false", other),
        }
    }

    /// A list; none is an empty one. One of more than `max` is refused whole.
    pub fn list(&mut self, name: &'static str, max: usize) -> &'v [Value] {
        match self.take(name) {
            None => &[],
            Some(Value::Array(items)) if items.len() <= max => items,
            Some(Value::Array(items)) => {
                self.reject(name, &format!("must have at most {max} entries, not {}", items.len()));
                &[]
            }
            Some(other) => self.wrong_kind(name, "a list", other).unwrap_or_default(),
        }
    }

    /// A list of texts that parse themselves; each bad one is named by its place.
    pub fn parsed_list<T: FromStr<Err: Display + 'static>>(&mut self, name: &'static str, max: usize) -> Vec<T> {
        let mut parsed = Vec::new();
        for (place, item) in self.list(name, max).iter().enumerate() {
            let found = item.as_str().ok_or_else(|| format!("must be a text, not {}", kind_of(item)));
            match found.and_then(|text| text.parse().map_err(|why: T::Err| in_words(&why, text))) {
                Ok(value) => parsed.push(value),
                Err(why) => self.complain_inside(name, &place.to_string(), &why),
            }
        }
        parsed
    }

    /// An object of names and values.
    pub fn map(&mut self, name: &'static str) -> Option<&'v Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => self.wrong_kind(name, "an object", other),
        }
    }

    /// Whether a field is there.
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// A field that must be there: says so if it is not.
    pub fn require(&mut self, name: &'static str) {
        if !self.has(name) {
            self.reject(name, "is required");
        }
    }

    /// Those of these fields that are there.
    pub fn those(&mut self, names: impl IntoIterator<Item = &'static str>) -> Map<String, Value> {
        names.into_iter().filter_map(|name| Some((name.to_owned(), self.take(name)?.clone()))).collect()
    }

    /// Notes what was found wrong by other means, at pointers into this object.
    pub fn note(&mut self, problems: impl IntoIterator<Item = Problem>) {
        let here = problems.into_iter().map(|it| Problem { pointer: format!("{}{}", self.at, it.pointer), ..it });
        self.problems.extend(here);
    }

    /// Notes what is wrong with `name`.
    pub fn reject(&mut self, name: &str, why: &str) {
        self.problems.push(Problem { pointer: self.pointer(name), detail: sentence(name, why) });
    }

    /// Notes what is wrong with `entry` of the list or object `name`.
    pub fn complain_inside(&mut self, name: &str, entry: &str, why: &str) {
        let pointer = format!("{}/{}", self.pointer(name), escaped(entry));
        self.problems.push(Problem { pointer, detail: sentence(&format!("{name}/{entry}"), why) });
    }

    /// Refuses what nobody took. `because` knows why a field that exists elsewhere is not taken here.
    pub fn refuse_others(mut self, because: impl Fn(&str) -> Option<&'static str>) {
        for name in self.object.keys().filter(|name| !self.known.contains(&name.as_str())).collect::<Vec<_>>() {
            let why = because(name).map_or_else(|| typed::no_field(&self.known.join(", ")), str::to_owned);
            self.reject(name, &why);
        }
    }

    fn take(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn wrong_kind<T>(&mut self, name: &str, wanted: &str, found: &Value) -> Option<T> {
        self.reject(name, &format!("must be {wanted}, not {}", kind_of(found)));
        None
    }

    fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.at, escaped(name))
    }
}

/// A name as part of a JSON pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Texts that begin with a verb get their subject, all others stand by themselves.
fn sentence(name: &str, why: &str) -> String {
    const VERBS: [&str; 7] = ["is", "must", "has", "holds", "carries", "cannot", "names"];
    let verb = why.split(' ').next().is_some_and(|word| VERBS.contains(&word));
    if verb { format!("`{name}` {why}") } else { why.to_owned() }
}

/// Why `text` cannot be read, in words for people: the parsers of libraries have only words for programmers.
pub fn in_words<E: Display + 'static>(why: &E, text: &str) -> String {
    let parser: &dyn Any = why;
    if parser.is::<ParseIntError>() {
        format!("must be a whole number, not `{text}`")
    } else if parser.is::<ParseBoolError>() {
        format!("must be true or false, not `{text}`")
    } else if parser.is::<uuid::Error>() {
        format!("must be an id such as 0198d2c4-7a00-7000-8000-000000000000, not `{text}`")
    } else if parser.is::<email_address::Error>() {
        format!("must be an e-mail address such as name@example.org, not `{text}`")
    } else {
        why.to_string()
    }
}

/// What a value is, in words.
pub fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The first character of a name that nobody sees, or that turns round what stands beside it. The joiners that scripts and
/// emoji are written with are none of them.
pub fn deceiving(text: &str) -> Option<char> {
    text.chars().find(|c| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}')
    })
}

/// What is wrong with such a character, and the mend.
pub fn deceives(found: char) -> String {
    let code = u32::from(found);
    format!("has the character U+{code:04X}, which is invisible or changes how the text around it reads: leave it out")
}

/// A title: text on one line, 1 to `max` characters, without blanks around it.
pub fn line(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim();
    if let Some(found) = deceiving(text) {
        return Err(deceives(found));
    }
    match text.chars().count() {
        n if (1..=max).contains(&n) => Ok(text.to_owned()),
        n => Err(format!("must have 1 to {max} characters, not {n}")),
    }
}

/// What people call a thing: a [`line`] of at most 100 characters.
#[derive(Debug)]
pub struct Title(pub String);

impl FromStr for Title {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        line(s, 100).map(Self)
    }
}

/// Applies a JSON Merge Patch: RFC 7396, section 2, word for word.
pub fn merge_patch(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
        } else {
            merge_patch(target.entry(name).or_insert(Value::Null), value);
        }
    }
}
