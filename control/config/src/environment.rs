//! The environment as a figment provider. A value is read as what its default is: text stays text, so that a password of
//! digits is one, and a variable nobody knows is an error, since it is a typing mistake.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Num, Value},
};

const PREFIX: &str = "UPGUARD_";
/// Others' variables under our prefix: where the file is, and the probe's settings.
const OTHERS: [&str; 2] = ["UPGUARD_CONFIG", "UPGUARD_PROBE"];

/// Variables, and the defaults that say what each is.
pub(super) struct Environment {
    pub(super) variables: Vec<(String, String)>,
    pub(super) defaults: Value,
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment").interpolater(|_, keys| format!("{PREFIX}{}", keys.join("__").to_uppercase()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut root = Dict::new();
        for (name, text) in &self.variables {
            let Some(key) = key_of(name) else { continue };
            let default = self.defaults.find_ref(&key).filter(|default| !matches!(default, Value::Dict(..)));
            let Some(default) = default else {
                return Err(Error::from("there is no such setting: check its spelling, or unset it").with_path(name));
            };
            let value = read_as(default, text)
                .ok_or_else(|| Error::from(format!("`{text}` is not {}", wanted(default))).with_path(&key))?;
            insert(&mut root, &key, value);
        }
        Ok(Profile::Default.collect(root))
    }
}

/// `UPGUARD_AUTH__ACCESS_TTL` → `auth.access_ttl`; nothing for variables that are not ours.
fn key_of(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    let other = OTHERS.iter().any(|other| name == *other || name.starts_with(&format!("{other}__")));
    (!other).then(|| rest.to_lowercase().replace("__", "."))
}

/// Lists are `a,b` or `["a", "b"]`.
fn read_as(default: &Value, text: &str) -> Option<Value> {
    match default {
        Value::Bool(..) => text.parse::<bool>().ok().map(Value::from),
        Value::Num(_, Num::F64(_)) => text.parse::<f64>().ok().map(Value::from),
        Value::Num(..) => text.parse::<i64>().ok().map(Value::from),
        Value::Array(..) if text.trim_start().starts_with('[') => {
            serde_json::from_str::<Vec<String>>(text).ok().map(Value::from)
        }
        Value::Array(..) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::from(items.map(str::to_owned).collect::<Vec<_>>()))
        }
        _ => Some(Value::from(text.to_owned())),
    }
}

fn wanted(default: &Value) -> &'static str {
    match default {
        Value::Bool(..) => "true or false",
        Value::Num(_, Num::F64(_)) => "a number",
        Value::Num(..) => "a whole number",
        _ => "a list such as a,b or [\"a\", \"b\"]",
    }
}

fn insert(root: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(root.insert(key.to_owned(), value)),
        Some((section, rest)) => {
            let entry = root.entry(section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, dict) = entry {
                insert(dict, rest, value);
            }
        }
    }
}
