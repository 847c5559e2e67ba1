//! The table of rules. A rule says where it looks, what it must not see, and the mend; its comment says why it exempts what it
//! exempts. Tests inside a source file are never judged by rules about product code.
//!
//! The product is `wire`, `net`, `control` and `probe`. `testbed` runs servers and audits what they stored, `loadtest` acts out
//! outages, so both may touch Redis and SQL directly and clean the environment of the programs they start.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::source::Source;

/// Something to mend.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) rule: String,
    pub(crate) mend: &'static str,
}

/// What a rule's pattern is held against.
enum Over {
    /// The path itself.
    Path,
    /// Lines of any file.
    Text,
    /// Lines of Rust outside tests, without comments and strings.
    Code,
    /// String literals of Rust outside tests, each as a whole.
    Strings,
}

struct Rule {
    name: &'static str,
    mend: &'static str,
    over: Over,
    /// Patterns of paths: one of `within` must match, none of `except`.
    within: &'static str,
    except: &'static str,
    pattern: &'static str,
}

const PRODUCT: &str = r"^(wire|net|probe|control(/\w+)?)/src/.*\.rs$";
const NOWHERE: &str = r"^$";
const SOURCES: &str = r"\.(rs|sql|sh|ts|tsx|css|toml|ya?ml)$|^\.ci/|Dockerfile";
/// This file and its neighbour must name what they forbid.
const RULES: &str = r"^xtask/src/tidy";

const RULES_TABLE: &[Rule] = &[
    Rule {
        name: "SQL outside the store",
        mend: "make it a function in control/store/, in the file of its table",
        over: Over::Strings,
        within: PRODUCT,
        except: r"^control/store/",
        pattern: r"(?is)^\s*(with\b.*\bas\s*\(|select\s.*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|copy\s+\w+.*\s(from|to)\s+std)",
    },
    Rule {
        name: "environment outside config.rs",
        mend: "add a field to the config and pass its value",
        over: Over::Code,
        within: PRODUCT,
        except: r"/config\.rs$|/config/",
        pattern: r"\benv::(var|vars|var_os|vars_os|set_var|remove_var)\b|#\[(arg|clap)\([^\]]*\benv\b",
    },
    // Two words after the prefix at least: `upguard_control` alone is a crate, as in a log filter.
    Rule {
        name: "metric name outside metrics.rs",
        mend: "declare it in the crate's metrics.rs and use the field",
        over: Over::Strings,
        within: PRODUCT,
        except: r"/(metrics(/\w+)?|families|exposition)\.rs$",
        pattern: r"\bupguard_[a-z]+_[a-z]",
    },
    Rule {
        name: "untracked task",
        mend: "spawn it on the process's TaskTracker, so that shutdown waits for it",
        over: Over::Code,
        within: r"^(wire|net|probe|testbed|loadtest|control(/\w+)?)/src/.*\.rs$",
        except: NOWHERE,
        pattern: r"\btokio::(task::)?spawn\b|\buse tokio::(task::)?(spawn\b|\{[^}]*\bspawn\b)",
    },
    Rule {
        name: "a name that says nothing",
        mend: "name it after what it holds; if there is no word for it, the domain lacks a noun",
        over: Over::Path,
        within: r"",
        except: NOWHERE,
        pattern: r"(^|/)(utils?|common|managers?|helpers?|misc)(/|\.[a-z]+$)",
    },
    Rule {
        name: "a name that says nothing",
        mend: "name it after what it holds; if there is no word for it, the domain lacks a noun",
        over: Over::Code,
        within: r"\.rs$",
        except: NOWHERE,
        pattern: r"\bmod (utils?|common|managers?|helpers?|misc)\b",
    },
    Rule {
        name: "left for later",
        mend: "do it now, or leave it out",
        over: Over::Text,
        within: SOURCES,
        except: RULES,
        pattern: r"\b(TODO|FIXME|XXX)\b|\b(todo|unimplemented)!|#\[ignore\b",
    },
    Rule {
        name: "a trace of how it was developed",
        mend: "say what it is about; who reads this has no access to that place",
        over: Over::Text,
        within: r"",
        except: r"^xtask/src/tidy|^Cargo\.lock$",
        pattern: r#"(?i)\bissues? #?\d+\b|(^|[\s"'`(=])/(home|users|work)/\w|\b(DESIGN|EVIDENCE|STYLE|TOOLS)\.md\b"#,
    },
    Rule {
        name: "a migration with an odd name",
        mend: "name it V<number>__<verb>_<noun>.sql",
        over: Over::Path,
        within: r"^migrations/.*",
        except: r"^migrations/(V\d+__[a-z]+_[a-z0-9_]+\.sql|README\.md)$",
        pattern: r"",
    },
];

static RUST: LazyLock<Regex> = LazyLock::new(|| compile(r"\.rs$"));

/// Files that are nothing but tests, or what only tests use.
static TEST_FILES: LazyLock<Regex> = LazyLock::new(|| compile(r"(^|/)(tests|benches)/|(^|/|_)tests\.rs$"));

const FILE_LIMIT: usize = 400;
const FUNCTION_LIMIT: usize = 60;

/// A rule with its patterns compiled: within, except, pattern.
static COMPILED: LazyLock<Vec<(&Rule, [Regex; 3])>> = LazyLock::new(|| {
    RULES_TABLE.iter().map(|rule| (rule, [rule.within, rule.except, rule.pattern].map(compile))).collect()
});

#[expect(clippy::expect_used, reason = "patterns are constants, and the tests compile every one")]
pub(super) fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a rule's pattern")
}

/// What is untidy in a file. `path` is relative to the checkout, with `/`.
pub(crate) fn violations(path: &str, text: &str) -> Vec<Violation> {
    let source = RUST.is_match(path).then(|| Source::read(text, TEST_FILES.is_match(path)));
    let mut found: Vec<Violation> = source.as_ref().map(sizes).unwrap_or_default();
    for (rule, [within, except, pattern]) in COMPILED.iter() {
        if within.is_match(path) && !except.is_match(path) {
            let lines = lines(&rule.over, pattern, path, text, source.as_ref());
            found.extend(lines.into_iter().map(|line| Violation {
                line: line + 1,
                rule: rule.name.to_owned(),
                mend: rule.mend,
            }));
        }
    }
    found.sort_by_key(|violation| violation.line);
    found
}

/// The lines where the pattern is seen, counted from 0.
fn lines(over: &Over, pattern: &Regex, path: &str, text: &str, source: Option<&Source>) -> Vec<usize> {
    match (over, source) {
        (Over::Path, _) => pattern.is_match(path).then_some(0).into_iter().collect(),
        (Over::Text, _) => {
            text.lines().enumerate().filter(|(_, line)| pattern.is_match(line)).map(|(line, _)| line).collect()
        }
        (Over::Code, Some(source)) => {
            let code =
                source.code.iter().enumerate().filter(|(line, code)| !source.is_test[*line] && pattern.is_match(code));
            code.map(|(line, _)| line).collect()
        }
        (Over::Strings, Some(source)) => {
            let outside_tests = |line: usize| source.is_test.get(line).is_none_or(|is_test| !is_test);
            let strings = source.strings.iter().filter(|(line, text)| outside_tests(*line) && pattern.is_match(text));
            strings.map(|(line, _)| *line).collect()
        }
        (Over::Code | Over::Strings, None) => Vec::new(),
    }
}

/// Tests may be as long as their cases are many; only code that runs in production, or runs the tests, is measured.
fn sizes(source: &Source) -> Vec<Violation> {
    let lines = source.is_test.iter().filter(|is_test| !**is_test).count();
    let too_long = (lines > FILE_LIMIT).then(|| Violation {
        line: 1,
        rule: format!("a file of {lines} lines, more than {FILE_LIMIT}"),
        mend: "ask what second thing it learned to do, and give that its own file",
    });
    let functions = source.functions().into_iter().filter(|function| function.length > FUNCTION_LIMIT);
    let functions = functions.map(|function| Violation {
        line: function.line + 1,
        rule: format!("{} has {} lines, more than {FUNCTION_LIMIT}", function.name, function.length),
        mend: "give its steps names",
    });
    too_long.into_iter().chain(functions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules a file breaks, `line rule`, separated by `; `.
    fn broken(path: &str, text: &str) -> String {
        let found = violations(path, text).into_iter().map(|found| format!("{} {}", found.line, found.rule));
        found.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn technologies_stay_at_home() {
        let cases = [
            ("control/api/src/monitors.rs", "let s = \"select a from b\";", "1 SQL outside the store"),
            (
                "control/engine/src/ingester.rs",
                "let s = \"\n  insert into t\n values ($1)\";",
                "1 SQL outside the store",
            ),
            ("control/engine/src/ingester.rs", "let s = r#\"UPDATE lanes SET a = 1\"#;", "1 SQL outside the store"),
            ("control/store/src/lanes.rs", "let s = \"update lanes set a = 1\";", ""),
            ("control/api/src/monitors.rs", "let s = \"please select one from the list\";", ""),
            ("probe/src/run.rs", "std::env::var(\"A\")", "1 environment outside config.rs"),
            ("probe/src/main.rs", "#[arg(long, env = \"A\")]", "1 environment outside config.rs"),
            ("testbed/src/service.rs", "std::env::vars_os()", ""),
            ("probe/src/config.rs", "std::env::var(\"A\")", ""),
            ("probe/src/main.rs", "env!(\"CARGO_PKG_VERSION\")", ""),
            ("control/engine/src/pusher.rs", "\"upguard_pusher_jobs_total\"", "1 metric name outside metrics.rs"),
            ("control/engine/src/metrics.rs", "\"upguard_pusher_jobs_total\"", ""),
            ("control/engine/src/metrics/lanes.rs", "\"upguard_pusher_jobs_total\"", ""),
            ("control/src/main.rs", "\"upguard_control=info\"", ""),
            ("probe/src/run.rs", "tokio::spawn(x);", "1 untracked task"),
            ("testbed/src/world.rs", "tokio::spawn(x);", "1 untracked task"),
            ("probe/src/run.rs", "tokio::task::spawn_blocking(x);", ""),
        ];
        for (path, text, expected) in cases {
            assert_eq!(broken(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn tests_and_comments_are_not_product_code() {
        let text = "// upguard_pusher_jobs_total\n#[cfg(test)]\nmod tests {\n    const N: &str = \"upguard_pusher_jobs_total\";\n    const S: &str = \"select a from b\";\n}\n";
        assert_eq!(broken("control/src/lib.rs", text), "");
    }

    #[test]
    fn names_and_leftovers() {
        let cases = [
            ("probe/src/utils.rs", "", "1 a name that says nothing"),
            ("control/tests/common/mod.rs", "", "1 a name that says nothing"),
            ("control/src/lib.rs", "mod manager;", "1 a name that says nothing"),
            ("docs/uncommon.md", "", ""),
            ("control/src/lib.rs", "// TODO: later", "1 left for later"),
            ("control/tests/walk.rs", "#[ignore = \"slow\"]", "1 left for later"),
            ("control/src/lib.rs", "a();\nunimplemented!()", "2 left for later"),
            ("README.md", "see Issue #12", "1 a trace of how it was developed"),
            ("docs/a.md", "in /home/ann/upguard", "1 a trace of how it was developed"),
            ("docs/a.md", "https://example.org/w/at and tissue 3", ""),
            ("migrations/V1__create_monitors.sql", "select 1", ""),
            ("migrations/v2_monitors.sql", "", "1 a migration with an odd name"),
        ];
        for (path, text, expected) in cases {
            assert_eq!(broken(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn long_files_and_functions_are_named_with_their_length() {
        let function = format!("fn long() {{\n{}}}\n", "    a();\n".repeat(61));
        assert_eq!(broken("probe/src/a.rs", &function), "1 long has 61 lines, more than 60");
        assert_eq!(broken("probe/tests/a.rs", &function), "");
        let file = "const A: u8 = 1;\n".repeat(401);
        assert_eq!(broken("probe/src/a.rs", &file), "1 a file of 401 lines, more than 400");
        let tests = format!("#[cfg(test)]\nmod tests {{\n{file}}}\n");
        assert_eq!(broken("probe/src/a.rs", &tests), "");
    }
}
