//! Bodies of requests: read as the types that document them, so that one answer can name every bad field and the mend.
//!
//! It knows JSON and nothing of what the fields mean.

pub(crate) mod typed;
pub mod values;

use std::{any::Any, fmt::Display, marker::PhantomData, num::ParseIntError, str::ParseBoolError};

use serde::{Serialize, de::DeserializeOwned};
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

/// A body, or an object within one. It denies unknown fields.
pub trait Body: DeserializeOwned {
    /// Fields that must be there.
    const REQUIRED: &'static [&'static str];
    /// Fields of answers, which people send back and nobody may set.
    const READ_ONLY: &'static [&'static str] = &[];
}

/// Reads a whole body; `null` counts as absent. The error names every bad field.
pub fn read<B: Body>(body: &Value) -> Result<B, Vec<Problem>> {
    read_object(object(body)?)
}

/// Reads an object; pointers begin there.
pub fn read_object<B: Body>(object: &Map<String, Value>) -> Result<B, Vec<Problem>> {
    let read = typed::read(PhantomData::<B>, object, B::REQUIRED);
    read.map_err(|problems| problems.into_iter().map(|problem| read_only(problem, B::READ_ONLY)).collect())
}

/// The fields of a whole body.
pub fn object(body: &Value) -> Result<&Map<String, Value>, Vec<Problem>> {
    body.as_object().ok_or_else(|| {
        let detail = format!("the body must be a JSON object, not {}", kind_of(body));
        vec![Problem { pointer: String::new(), detail }]
    })
}

/// What was read, unless something else is wrong that takes more than one field to see: then all of it.
pub fn unless<T>(read: Result<T, Vec<Problem>>, wrong: impl IntoIterator<Item = Problem>) -> Result<T, Vec<Problem>> {
    let (read, mut problems) = match read {
        Ok(read) => (Some(read), Vec::new()),
        Err(problems) => (None, problems),
    };
    // What is wrong by itself is said once.
    let new: Vec<_> = wrong.into_iter().filter(|it| problems.iter().all(|known| known.pointer != it.pointer)).collect();
    problems.extend(new);
    read.filter(|_| problems.is_empty()).ok_or(problems)
}

fn read_only(problem: Problem, names: &[&str]) -> Problem {
    match problem.pointer.strip_prefix('/') {
        Some(name) if names.contains(&name) => Problem::of(name, "is set by UpGuard: leave it out"),
        _ => problem,
    }
}

impl Problem {
    /// What is wrong with a field of the body itself. `why` reads on from its name where it begins with a verb.
    pub fn of(name: &str, why: &str) -> Self {
        Self { pointer: format!("/{}", escaped(name)), detail: sentence(name, why) }
    }

    /// The same, found in an object at the pointer `at`.
    #[must_use]
    pub fn inside(self, at: &str) -> Self {
        Self { pointer: format!("{at}{}", self.pointer), ..self }
    }
}

/// A name as part of a JSON pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Texts that begin with a verb get their subject, all others stand by themselves.
fn sentence(name: &str, why: &str) -> String {
    const VERBS: [&str; 8] = ["is", "must", "has", "holds", "carries", "cannot", "names", "looks"];
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
