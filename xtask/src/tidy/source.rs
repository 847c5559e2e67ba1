//! Rust source as the rules want it: code without comments and strings, string literals by themselves, and which lines are
//! tests. A reader of one pass, not a parser: good enough for code that rustfmt has been over.

/// A Rust file, read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Line by line, comments and the contents of strings and characters blanked out.
    pub(crate) code: Vec<String>,
    /// Every string literal with the line it begins on, counted from 0.
    pub(crate) strings: Vec<(usize, String)>,
    /// Per line: inside an item marked `#[cfg(test)]` or `#[test]`.
    pub(crate) is_test: Vec<bool>,
}

/// A function's head and how long its body is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Counted from 0.
    pub(crate) line: usize,
    pub(crate) name: String,
    /// Lines that hold more than a comment, the head not counted.
    pub(crate) length: usize,
}

impl Source {
    /// `all_tests`: the whole file is tests, whatever it says inside.
    pub(crate) fn read(text: &str, all_tests: bool) -> Self {
        let mut reader = Reader { rest: text, code: String::with_capacity(text.len()), strings: Vec::new() };
        while let Some(next) = reader.rest.chars().next() {
            reader.step(next);
        }
        let code: Vec<String> = reader.code.lines().map(str::to_owned).collect();
        let is_test = if all_tests { vec![true; code.len()] } else { test_lines(&code) };
        Self { code, strings: reader.strings, is_test }
    }

    /// All functions with a body outside tests.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let heads = self.code.iter().enumerate().filter(|(line, _)| !self.is_test[*line]);
        heads.filter_map(|(line, code)| self.function(line, code)).collect()
    }

    fn function(&self, line: usize, code: &str) -> Option<Function> {
        let at =
            code.find("fn ").filter(|at| code[..*at].chars().all(|c| c.is_alphanumeric() || " ()_\"".contains(c)))?;
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let (first, last) = braces(&self.code, line, at)?;
        let body = self.code.get(first + 1..last).unwrap_or_default();
        let in_string =
            |line: usize| self.strings.iter().any(|(at, text)| (*at..=at + text.matches('\n').count()).contains(&line));
        let counts = |(offset, code): &(usize, &String)| !code.trim().is_empty() || in_string(first + 1 + offset);
        let length = body.iter().enumerate().filter(counts).count();
        (!name.is_empty()).then_some(Function { line, name, length })
    }
}

/// The lines of the first `{` from there on and of the `}` that closes it; `None` when a `;` comes first.
fn braces(code: &[String], line: usize, column: usize) -> Option<(usize, usize)> {
    let (mut depth, mut parentheses, mut first) = (0_usize, 0_i32, line);
    for (number, text) in code.iter().enumerate().skip(line) {
        let from = if number == line { column } else { 0 };
        for c in text[from..].chars() {
            match c {
                '(' | '[' if depth == 0 => parentheses += 1,
                ')' | ']' if depth == 0 => parentheses -= 1,
                ';' if depth == 0 && parentheses == 0 => return None,
                '{' => {
                    if depth == 0 {
                        first = number;
                    }
                    depth += 1;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some((first, number));
                    }
                }
                _ => {}
            }
        }
    }
    None
}

fn test_lines(code: &[String]) -> Vec<bool> {
    let mut is_test = vec![false; code.len()];
    for (line, text) in code.iter().enumerate() {
        let starts = text.trim_start();
        let marks = ["#[cfg(test)]", "#[test]", "#[tokio::test"].iter().any(|mark| starts.starts_with(mark));
        if marks && !is_test[line] {
            let after = text.find(']').map_or(0, |at| at + 1);
            let last = braces(code, line, after).map_or(line + 1, |(_, last)| last);
            is_test[line..=last.min(code.len() - 1)].fill(true);
        }
    }
    is_test
}

struct Reader<'a> {
    rest: &'a str,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Reader<'_> {
    /// Takes the next thing: a comment, a literal or one character of code.
    fn step(&mut self, next: char) {
        let rest = self.rest;
        let in_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(block_comment(rest));
        } else if let Some((opening, hashes)) = raw_opening(rest).filter(|_| !in_word) {
            let closing = format!("\"{}", "#".repeat(hashes));
            let length = rest[opening..].find(&closing).unwrap_or(rest.len() - opening);
            self.string(opening, length, closing.len());
        } else if next == '"' {
            self.string(1, quoted(&rest[1..], '"'), 1);
        } else if next == '\'' && is_character(rest) {
            self.string_blanked(1, quoted(&rest[1..], '\''), 1);
        } else {
            self.keep(next.len_utf8());
        }
    }

    fn keep(&mut self, bytes: usize) {
        self.code.push_str(&self.rest[..bytes]);
        self.rest = &self.rest[bytes..];
    }

    /// Skips, but keeps the lines apart.
    fn blank(&mut self, bytes: usize) {
        let breaks = self.rest[..bytes].matches('\n').count();
        self.code.extend(std::iter::repeat_n('\n', breaks));
        self.rest = &self.rest[bytes..];
    }

    fn string(&mut self, opening: usize, length: usize, closing: usize) {
        let line = self.code.matches('\n').count();
        self.strings.push((line, self.rest[opening..opening + length].to_owned()));
        self.string_blanked(opening, length, closing);
    }

    fn string_blanked(&mut self, opening: usize, length: usize, closing: usize) {
        self.keep(opening);
        self.blank(length);
        self.keep(closing.min(self.rest.len()));
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let step = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// Of `r"`, `r#"`, `br##"` …: the length of the opening and its number of `#`.
fn raw_opening(text: &str) -> Option<(usize, usize)> {
    let prefix = if text.starts_with("br") || text.starts_with("cr") { 2 } else { usize::from(text.starts_with('r')) };
    let after = text.get(prefix..).filter(|_| prefix > 0)?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some((prefix + hashes + 1, hashes))
}

/// How far to the closing quote, which a backslash hides.
fn quoted(text: &str, quote: char) -> usize {
    let mut hidden = false;
    for (at, c) in text.char_indices() {
        if c == quote && !hidden {
            return at;
        }
        hidden = c == '\\' && !hidden;
    }
    text.len()
}

/// `'x'` or `'\n'`, not the lifetime `'x`.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let text = "let a = \"x // y\"; // c\n/* one /* two */\n three */ let b = 'z'; let c = r#\"q \"q\" \"#;\nfn f<'a>(x: &'a str) {}\n";
        let source = Source::read(text, false);
        assert_eq!(source.code, ["let a = \"\"; ", "", " let b = ''; let c = r#\"\"#;", "fn f<'a>(x: &'a str) {}"]);
        assert_eq!(source.strings, [(0, "x // y".to_owned()), (2, "q \"q\" ".to_owned())]);
    }

    #[test]
    fn quotes_may_be_hidden_and_strings_long() {
        let source =
            Source::read("let a = \"one \\\" two\nthree\"; let q = '\\''; let w = '\"';\nlet b = \"\\\\\";\n", false);
        assert_eq!(source.code, ["let a = \"", "\"; let q = ''; let w = '';", "let b = \"\";"]);
        assert_eq!(source.strings[1], (2, "\\\\".to_owned()));
    }

    #[test]
    fn tests_are_known() {
        let text = "fn real() {}\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n#[test]\nfn t() {\n}\n#[cfg(test)]\nmod other;\nfn last() {}\n";
        let source = Source::read(text, false);
        let expected = [false, true, true, true, true, true, true, true, true, true, false];
        assert_eq!(source.is_test, expected);
        assert_eq!(source.functions().iter().map(|f| &f.name[..]).collect::<Vec<_>>(), ["real", "last"]);
    }

    #[test]
    fn functions_are_measured_without_comments() {
        let text = "pub(crate) async fn long(\n    a: [u8; 3],\n) -> u8\nwhere\n    X: Y,\n{\n    // why\n    one();\n\n    two(\"a\n    b\");\n}\ntrait T {\n    fn head(&self);\n    fn one(&self) { x }\n}\nlet f: fn (u8) = g;\n";
        let found: Vec<(usize, String, usize)> =
            Source::read(text, false).functions().into_iter().map(|f| (f.line, f.name, f.length)).collect();
        assert_eq!(found, [(0, "long".to_owned(), 3), (14, "one".to_owned(), 0)]);
    }
}
