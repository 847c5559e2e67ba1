//! `cargo xtask docs`: the tables of docs/configuration.md, made from the structs that read the settings. What stands
//! between the markers is generated; the prose around them is written by people.

mod settings;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use self::settings::{Section, Setting, Source};
use crate::screen::say;

/// Each program's settings: the marker's name, and where they are read.
const PROGRAMS: [(&str, Source); 2] = [
    (
        "control",
        Source {
            code: "control/config/src/lib.rs",
            defaults: Some("control/config/src/defaults.toml"),
            prefix: "UPGUARD_",
        },
    ),
    ("probe", Source { code: "probe/src/config.rs", defaults: None, prefix: "UPGUARD_PROBE__" }),
];

/// Writes the page anew.
pub(crate) fn run() -> Result<()> {
    let page = page();
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    fs::write(&page, generated(&text)?).with_context(|| format!("cannot write {}", page.display()))?;
    say!("wrote docs/configuration.md");
    Ok(())
}

fn page() -> PathBuf {
    testbed::root_dir().join("docs/configuration.md")
}

/// `page` with its tables as the sources have them now.
fn generated(page: &str) -> Result<String> {
    let mut page = page.to_owned();
    for (name, source) in PROGRAMS {
        let (begin, end) = (format!("<!-- settings of {name} -->\n"), format!("<!-- end of {name} -->"));
        let (before, rest) = page.split_once(&begin).with_context(|| format!("the page has no {begin}"))?;
        let Some((_, after)) = rest.split_once(&end) else { bail!("the page has no {end}") };
        page = format!("{before}{begin}{}\n{end}{after}", tables(&source.read()?));
    }
    Ok(page)
}

fn tables(sections: &[Section]) -> String {
    sections.iter().map(table).collect()
}

fn table(section: &Section) -> String {
    let title =
        if section.name.is_empty() { String::new() } else { format!("\n### `{}`\n\n{}\n", section.name, section.doc) };
    let row =
        |each: &Setting| format!("| `{}` | `{}` | {} | {} |", each.key, each.variable, each.default, each.meaning);
    let rows: Vec<_> = section.settings.iter().map(row).collect();
    format!("{title}\n| key | in the environment | default | |\n|---|---|---|---|\n{}\n", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_the_sources_give() {
        let text = fs::read_to_string(page()).unwrap();
        assert!(generated(&text).unwrap() == text, "docs/configuration.md is out of date: run `cargo xtask docs`");
    }
}
