//! Commands cut out of the pages people read, so that what stands there is what is tried.

use std::fs;

use anyhow::{Context, Result};

/// The helm commands below a heading of a page, a line each; lines that go on after a backslash are one.
pub(crate) fn of(page: &str, heading: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(testbed::root_dir().join(page)).with_context(|| format!("cannot read {page}"))?;
    let section = text.split_once(&format!("\n{heading}\n")).map(|(_, below)| below);
    let section = section.with_context(|| format!("{page} has no `{heading}`"))?;
    let level = heading.chars().take_while(|c| *c == '#').count();
    Ok(cut(section, level))
}

fn cut(section: &str, level: usize) -> Vec<String> {
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in section.replace("\\\n", " ").lines() {
        let hashes = line.chars().take_while(|c| *c == '#').count();
        if !in_block && hashes > 0 && hashes <= level {
            break;
        }
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block && line.starts_with("helm ") {
            let command = line.split("  #").next().unwrap_or(line);
            commands.push(command.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn commands_of_one_section_without_their_comments() {
        let page = "text\n```sh\nhelm install a b \\\n  --set c=d     # why\nkubectl get x\n# helm no\n```\nhelm none\n### more\n\
            ```sh\nhelm list\n```\n## other\n```\nhelm never\n```\n";
        assert_eq!(cut(page, 2), ["helm install a b --set c=d", "helm list"]);
    }
}
