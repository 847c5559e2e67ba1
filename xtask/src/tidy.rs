//! The house rules that no compiler knows, checked over every file git would keep. What they are is in `rules`, in `grafana`
//! those about dashboards and alerts, in `circles` the one about imports between files, in `floors`
//! those about arrows between crates; how Rust source is read for them (comments, strings
//! and tests told apart) in `source`.

mod circles;
mod floors;
mod grafana;
mod rules;
mod source;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::rules::violations;
use crate::screen::say;

/// Checks the checkout at `root`; prints one line per violation and fails if there is any.
pub(crate) fn check(root: &Path) -> Result<()> {
    let files = files(root)?;
    let mut found = grafana::violations(root, &files)?;
    found.extend(circles::violations(root, &files)?);
    found.extend(floors::violations(root)?);
    for path in files {
        // Binary files have no lines to judge, only a name.
        let text = fs::read_to_string(root.join(&path)).unwrap_or_default();
        found.extend(violations(&path, &text).into_iter().map(|violation| (path.clone(), violation)));
    }
    for (path, violation) in &found {
        say!("{path}:{}: {} — {}", violation.line, violation.rule, violation.mend);
    }
    let count = found.len();
    if count > 0 {
        bail!("{count} places are untidy");
    }
    Ok(())
}

/// The files git knows or would add; without git, all but the usual rubble. Paths are relative, with `/`.
fn files(root: &Path) -> Result<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let output = Command::new("git").args(list).current_dir(root).output();
    let mut files = match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(str::to_owned).collect()
        }
        _ => {
            let mut files = Vec::new();
            walk(root, root, &mut files)?;
            files
        }
    };
    files.retain(|path: &String| root.join(path).is_file());
    files.sort();
    Ok(files)
}

fn walk(root: &Path, dir: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" && name != ".git" {
            walk(root, &path, files)?;
        } else if path.is_file() {
            files.extend(path.strip_prefix(root).ok().map(|path| path.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn with_and_without_git_the_same_files_are_seen() {
        let root = testbed::root_dir();
        let mut walked = Vec::new();
        super::walk(root, root, &mut walked).unwrap();
        let listed = super::files(root).unwrap();
        assert!(listed.contains(&"xtask/src/tidy.rs".to_owned()));
        assert!(listed.iter().all(|file| walked.contains(file)));
    }
}
