//! The table of values in each chart's README: names and words of `values.schema.json`, defaults of `values.yaml`. Between two
//! marks; what stands around it is written by people.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::deploy::charts::helm::{CHARTS, chart_dir};
use crate::deploy::charts::yaml;
use crate::screen::say;

const BEGIN: &str = "<!-- values: written by `cargo xtask charts` -->\n";
const END: &str = "<!-- values end -->\n";

/// `cargo xtask charts`
pub(crate) fn run() -> Result<()> {
    for chart in CHARTS {
        fs::write(readme(chart), fresh(chart)?)?;
        say!("wrote helm/{chart}/README.md");
    }
    Ok(())
}

/// Whether all are as they would be written now.
pub(crate) fn check() -> Result<()> {
    for chart in CHARTS {
        let there = fs::read_to_string(readme(chart))?;
        ensure!(there == fresh(chart)?, "helm/{chart}/README.md is not that of its values: run `cargo xtask charts`");
    }
    Ok(())
}

fn readme(chart: &str) -> PathBuf {
    chart_dir(chart).join("README.md")
}

fn fresh(chart: &str) -> Result<String> {
    let path = readme(chart);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("helm/{chart}/README.md lacks {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("helm/{chart}/README.md lacks {END}"))?;
    let schema = yaml::file(&chart_dir(chart).join("values.schema.json"))?;
    let values = yaml::file(&chart_dir(chart).join("values.yaml"))?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", table(&schema, &values)?))
}

fn table(schema: &Value, values: &Value) -> Result<String> {
    let mut rows = vec!["| value | default | what it is |".to_owned(), "|---|---|---|".to_owned()];
    add(&mut rows, "", schema, values)?;
    Ok(rows.join("\n") + "\n")
}

/// A row for each property, by name, and those of an object below it.
fn add(rows: &mut Vec<String>, at: &str, schema: &Value, values: &Value) -> Result<()> {
    for (key, property) in by_name(&schema["properties"]) {
        let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        let words = property["description"].as_str().with_context(|| format!("{name} has no description"))?;
        let words = words.replace('|', "\\|");
        if property["properties"].is_object() && name != "global" {
            rows.push(format!("| **`{name}`** | | {words} |"));
            add(rows, &name, property, &values[key])?;
        } else {
            rows.push(format!("| `{name}` | {} | {words} |", default(&values[key])));
        }
    }
    Ok(())
}

/// As it would be written on one line; nothing where nothing is set.
fn default(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.is_empty() => String::new(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{}`", text(other)),
    }
}

/// JSON with the keys in order, whatever order a map was built to keep.
fn text(value: &Value) -> String {
    match value {
        Value::Object(_) => {
            let pairs = by_name(value).into_iter().map(|(key, value)| format!("\"{key}\": {}", text(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn by_name(object: &Value) -> BTreeMap<&String, &Value> {
    object.as_object().into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;

    #[test]
    fn a_row_for_each_value_and_its_default() {
        let schema = json!({"properties": {
            "a": {"description": "one | two"},
            "b": {"description": "more", "properties": {"c": {"description": "of it"}, "d": {"description": "unset"}}},
        }});
        let rows = table(&schema, &json!({"a": "x", "b": {"c": [1]}})).unwrap();
        let expected = [
            "| `a` | `x` | one \\| two |",
            "| **`b`** | | more |",
            "| `b.c` | `[1]` | of it |",
            "| `b.d` |  | unset |",
        ];
        assert_eq!(rows.lines().skip(2).collect::<Vec<_>>(), expected);
        assert!(table(&json!({"properties": {"a": {}}}), &json!({})).is_err());
    }

    #[test]
    fn the_readmes_are_up_to_date() {
        super::check().unwrap();
    }
}
