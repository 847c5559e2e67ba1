//! Settings as their structs declare them: doc comments, defaults, and the words an enum takes. A default that a comment
//! tells must be the one that holds.
//!
//! By convention a field's comment ends with its default in brackets, `[16]` or `[0: one per processor]`.

use std::fs;

use anyhow::{Context, Result, bail};
use syn::{Attribute, Expr, ExprLit, Field, Fields, Item, ItemEnum, ItemStruct, Lit, Meta, Type};
use toml::Value;

/// Where a program's settings are declared.
pub(crate) struct Source {
    /// The file with the structs, `Config` first among them.
    pub(crate) code: &'static str,
    /// The TOML file of defaults; absent where a constant `DEFAULTS` in `code` holds them, below `probe`.
    pub(crate) defaults: Option<&'static str>,
    /// Of variables.
    pub(crate) prefix: &'static str,
}

/// A struct of settings.
pub(crate) struct Section {
    /// `http`, or nothing for the settings without a section.
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) settings: Vec<Setting>,
}

/// A row.
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) variable: String,
    pub(crate) default: String,
    pub(crate) meaning: String,
}

impl Source {
    pub(crate) fn read(&self) -> Result<Vec<Section>> {
        let text = file(self.code)?;
        let items = syn::parse_file(&text).with_context(|| format!("cannot parse {}", self.code))?.items;
        let defaults = match self.defaults {
            Some(path) => toml::from_str(&file(path)?)?,
            None => defaults_in(&items)?,
        };
        let reader = Reader { items: &items, defaults, prefix: self.prefix };
        let mut sections = vec![Section { name: String::new(), doc: String::new(), settings: Vec::new() }];
        reader.add(reader.structure("Config")?, "", &mut sections)?;
        Ok(sections)
    }
}

fn file(path: &str) -> Result<String> {
    fs::read_to_string(testbed::root_dir().join(path)).with_context(|| format!("cannot read {path}"))
}

fn defaults_in(items: &[Item]) -> Result<Value> {
    let text = items.iter().find_map(|item| match item {
        Item::Const(it) if it.ident == "DEFAULTS" => match &*it.expr {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let all: Value = toml::from_str(&text.context("there is no constant DEFAULTS")?)?;
    all.get("probe").cloned().context("DEFAULTS has no table `probe`")
}

struct Reader<'a> {
    items: &'a [Item],
    defaults: Value,
    prefix: &'static str,
}

impl Reader<'_> {
    /// The fields of a struct: settings go to the section at hand, structs become sections of their own.
    fn add(&self, structure: &ItemStruct, path: &str, sections: &mut Vec<Section>) -> Result<()> {
        let Fields::Named(fields) = &structure.fields else { bail!("{} has no named fields", structure.ident) };
        let here = sections.len() - 1;
        for field in &fields.named {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let key = if path.is_empty() { name } else { format!("{path}.{name}") };
            match self.structure(&type_name(field)) {
                Ok(inner) => {
                    sections.push(Section { name: key.clone(), doc: doc(&field.attrs), settings: Vec::new() });
                    self.add(inner, &key, sections)?;
                }
                Err(_) => sections[here].settings.push(self.setting(field, &key)?),
            }
        }
        Ok(())
    }

    fn setting(&self, field: &Field, key: &str) -> Result<Setting> {
        let (mut meaning, told) = split(&doc(&field.attrs));
        let holds = key.split('.').try_fold(&self.defaults, |at, part| at.get(part)).map(shown);
        if let (Some(holds), Some(told)) = (&holds, &told)
            && !agree(holds, told)
        {
            bail!("{key}: its comment tells the default [{told}], and what holds is {holds}");
        }
        if let Some(words) = self.words(&type_name(field)) {
            meaning = format!("{meaning} {words}");
        }
        let default = told.or(holds).unwrap_or_else(|| "required".to_owned());
        let variable = format!("{}{}", self.prefix, key.replace('.', "__").to_uppercase());
        Ok(Setting { key: key.to_owned(), variable, default: cell(&default), meaning: cell(&meaning) })
    }

    fn structure(&self, name: &str) -> Result<&ItemStruct> {
        let found = self.items.iter().find_map(|item| match item {
            Item::Struct(it) if it.ident == name => Some(it),
            _ => None,
        });
        found.with_context(|| format!("there is no struct {name}"))
    }

    /// The words an enum takes, with what each means.
    fn words(&self, name: &str) -> Option<String> {
        let found: &ItemEnum = self.items.iter().find_map(|item| match item {
            Item::Enum(it) if it.ident == name => Some(it),
            _ => None,
        })?;
        let word =
            |variant: &syn::Variant| format!("`{}`: {}", variant.ident.to_string().to_lowercase(), doc(&variant.attrs));
        Some(found.variants.iter().map(word).collect::<Vec<_>>().join(" "))
    }
}

/// The last word of a field's type.
fn type_name(field: &Field) -> String {
    match &field.ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn doc(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join(" ")
}

/// What a setting is, and the default its comment tells.
fn split(doc: &str) -> (String, Option<String>) {
    let plain = doc.replace("\\[", "[").replace("\\]", "]");
    let Some((before, rest)) = plain.rsplit_once(" [") else { return (plain, None) };
    let Some((told, after)) = rest.split_once(']') else { return (plain, None) };
    let told = told.trim_start_matches(['<', '`']).trim_end_matches(['>', '`']);
    (format!("{before}{after}"), Some(told.to_owned()))
}

/// `none` is an empty text, an empty list, or nothing at all.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A comment may add why: `0: one per processor`.
fn agree(holds: &str, told: &str) -> bool {
    let rest = told.strip_prefix(holds).or_else(|| told.strip_prefix(&format!("{holds}`")));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ';', ',']))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_tells_its_default_in_brackets() {
        let of = |doc: &str| split(doc);
        assert_eq!(of("Jobs at once \\[512\\]. It bounds."), ("Jobs at once. It bounds.".into(), Some("512".into())));
        assert_eq!(of("Where. [<redis://x>]"), ("Where.".into(), Some("redis://x".into())));
        assert_eq!(of("Nothing."), ("Nothing.".into(), None));
    }

    #[test]
    fn a_default_that_is_not_the_one_told_is_found() {
        assert!(agree("0", "0: one per processor") && agree("none", "none") && agree("4", "4; 0 is no limit"));
        assert!(!agree("16", "160") && !agree("30s", "30m") && !agree("none", "1"));
    }
}
