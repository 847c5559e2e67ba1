//! What a program exports for Prometheus, read from the text it serves, and what the manual says it does: the tables of
//! `docs/monitoring.md`. Neither may know more than the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};

/// A family by name: its type, and the labels its series carry, buckets' `le` not counted.
pub type Families = BTreeMap<String, (String, BTreeSet<String>)>;

/// The families of an exposition in Prometheus' text format that have series.
pub fn families(text: &str) -> Families {
    let mut families = Families::new();
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        } else if let Some((series, _)) = line.rsplit_once(' ').filter(|_| !line.starts_with('#')) {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let family = ["", "_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix).filter(|name| families.contains_key(*name)));
            if let Some((_, known)) = family.and_then(|name| families.get_mut(name)) {
                known.extend(names(labels).filter(|label| label != "le"));
            }
        }
    }
    families
}

/// The value of the series with this full name, labels included, as the text has it.
pub fn value<'a>(text: &'a str, series: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

/// The names in `a="x",b="y"}`; values may hold commas and hidden quotes.
fn names(mut labels: &str) -> impl Iterator<Item = String> {
    std::iter::from_fn(move || {
        let (name, rest) = labels.split_once("=\"")?;
        let mut hidden = false;
        let end = rest.find(|c| {
            let ends = c == '"' && !hidden;
            hidden = c == '\\' && !hidden;
            ends
        })?;
        labels = rest[end + 1..].trim_start_matches(',');
        Some(name.to_owned())
    })
}

/// The families that the manual lists under the heading `### section`.
pub fn documented(section: &str) -> Result<Families> {
    let manual = crate::root_dir().join("docs/monitoring.md");
    let text = fs::read_to_string(&manual).with_context(|| format!("cannot read {}", manual.display()))?;
    Ok(listed(&text, section))
}

/// Rows `` | `name` | type | `label`, `label` | meaning | ``.
fn listed(text: &str, section: &str) -> Families {
    let of_section = text.lines().skip_while(|line| *line != format!("### {section}")).skip(1);
    let rows = of_section.take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (name, kind, labels) = (cells.next()?, cells.next()?, cells.next()?);
        let labels = labels.split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        Some((name.trim_matches('`').to_owned(), (kind.to_owned(), labels)))
    };
    rows.filter_map(row).collect()
}

/// What the manual's section and the exposition do not agree on, a line each.
pub fn differences(section: &str, exposition: &str) -> Result<Vec<String>> {
    Ok(compared(&documented(section)?, &families(exposition)))
}

fn compared(documented: &Families, exported: &Families) -> Vec<String> {
    let mut found = Vec::new();
    for (name, what) in exported {
        match documented.get(name) {
            None => found.push(format!("docs/monitoring.md lacks {name}: {what:?}")),
            Some(said) if said != what => found.push(format!("{name} is {what:?}, docs/monitoring.md says {said:?}")),
            Some(_) => {}
        }
    }
    let gone = documented.keys().filter(|name| !exported.contains_key(*name));
    found.extend(gone.map(|name| format!("docs/monitoring.md lists {name}, which is not exported")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_total A.\n# TYPE a_total counter\na_total{b=\"x,\\\"y\",c=\"z\"} 1\n# TYPE d histogram\n\
        d_bucket{e=\"1\",le=\"+Inf\"} 2\nd_sum{e=\"1\"} 2\nd_count{e=\"1\"} 2\n# TYPE f gauge\nf 3\n";
    const MANUAL: &str = "### One\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n\
        | `a_total` | counter | `b`, `c` | a \\| b |\n| `d` | histogram | `e` | d |\n| `f` | gauge | | f |\n### Two\n| `g` | gauge | | g |\n";

    #[test]
    fn what_is_exported_and_what_is_said_agree() {
        assert_eq!(families(TEXT), listed(MANUAL, "One"));
        assert!(compared(&listed(MANUAL, "One"), &families(TEXT)).is_empty());
        assert_eq!(listed(MANUAL, "Two").len(), 1);
    }

    #[test]
    fn every_disagreement_is_named() {
        let said = listed(&MANUAL.replace("| `f` | gauge | | f |", "| `h` | gauge | | h |"), "One");
        let found = compared(&said, &families(&TEXT.replace("c=\"z\"", "i=\"z\""))).join("\n");
        for name in ["a_total is", "lacks f", "lists h"] {
            assert!(found.contains(name), "{name}: {found}");
        }
    }
}
