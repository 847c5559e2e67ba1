//! What logs say of how things ended: why control let its lane go, where a process panicked.

use std::{collections::BTreeMap, fs, path::Path};

/// What a replica says then.
const LET_GO: &str = "the lane is let go";
/// The longest reason that is kept, bytes.
const REASON_MAX: usize = 200;

/// Reasons with how often each was given, in the logs of `dir` whose name begins with `control`.
pub(crate) fn let_go(dir: &Path) -> BTreeMap<String, usize> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let of_control = files.filter(|file| file.file_name().to_string_lossy().starts_with("control"));
    let mut reasons = BTreeMap::new();
    for file in of_control {
        let text = fs::read(file.path()).unwrap_or_default();
        for reason in String::from_utf8_lossy(&text).lines().filter_map(reason) {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    reasons
}

/// Numbers are left out, so that what is the same looks the same.
fn reason(line: &str) -> Option<String> {
    let (_, why) = line.split_once(LET_GO)?.1.split_once("why=")?;
    let mut reason = String::new();
    for letter in why[..why.floor_char_boundary(REASON_MAX)].chars() {
        match letter {
            '0'..='9' if reason.ends_with('#') => {}
            '0'..='9' => reason.push('#'),
            other => reason.push(other),
        }
    }
    Some(reason)
}

/// Where a process panicked last and what it said, two lines of its log; nothing where it did not.
pub(crate) fn panic(log: &Path) -> Option<String> {
    let text = String::from_utf8_lossy(&fs::read(log).ok()?).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().rposition(|line| line.contains("panicked at"))?;
    Some(lines[at..lines.len().min(at + 2)].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_reason_with_other_numbers_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let line = |why: &str| format!("2026 WARN engine::lane: {LET_GO}; whoever comes lane=0 why={why}\n");
        let log = line("row of 32 bytes") + "2026 INFO the lane is ours\n" + &line("row of 1600 bytes") + &line("x");
        fs::write(folder.path().join("control-0.log"), log).unwrap();
        fs::write(folder.path().join("probe-0.log"), line("not control")).unwrap();
        assert_eq!(panic(&folder.path().join("control-0.log")), None);
        let words = "thread 'a' panicked at b.rs:1:2:\nno way\nstack backtrace:\n   0: c\n";
        fs::write(folder.path().join("x.log"), words).unwrap();
        let last = panic(&folder.path().join("x.log"));
        assert_eq!(last.as_deref(), Some("thread 'a' panicked at b.rs:1:2:\nno way"));
        let expected = [("row of # bytes".to_owned(), 2), ("x".to_owned(), 1)];
        assert_eq!(let_go(folder.path()), BTreeMap::from(expected));
    }
}
