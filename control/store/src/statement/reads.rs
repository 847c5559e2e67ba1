//! That each name a row is read by is a column of the statement the row came from. PostgreSQL says which columns there are
//! (`super::tests`); who reads them shows in the text of the files: a function that names statements, and those it hands
//! their rows to.

use std::{collections::HashSet, fs};

use super::{ALL, Statement};

/// A function of a file of the store.
struct Function {
    file: &'static str,
    /// What the file imports.
    imports: String,
    name: String,
    text: String,
}

impl Function {
    /// The statements it asks.
    fn asks(&self) -> Vec<&'static Statement> {
        let names = names(&self.text);
        of_file(self.file).iter().filter(|statement| names.contains(statement.name)).collect()
    }

    /// Whether it hands something to `other`: calls it, or passes it on to be called.
    fn calls(&self, other: &Self) -> bool {
        let is_called = self.text.match_indices(&other.name).any(|(at, _)| {
            let (before, after) = (&self.text[..at], &self.text[at + other.name.len()..]);
            (after.starts_with('(') && !before.ends_with(is_of_a_name))
                || (before.ends_with('(') && after.starts_with(')'))
        });
        let is_known = || {
            self.file == other.file
                || names(&self.imports).contains(other.name.as_str())
                || self.text.contains(&format!("{}::{}", other.file, other.name))
        };
        let is_own = || self.text.contains(&format!("let {} = |", other.name)) || self.name == other.name;
        is_called && is_known() && !is_own()
    }

    /// The columns it reads itself: `.read("id")`, `.read::<i32>("rev")`, `.json("rules")`.
    fn reads(&self) -> HashSet<&str> {
        let calls = [".read", ".json"].into_iter().flat_map(|method| self.text.split(method).skip(1));
        calls.filter_map(column).collect()
    }
}

fn of_file(file: &str) -> &'static [Statement] {
    ALL.iter().find(|(name, _)| *name == file).unwrap().1
}

/// Of `::<i32>("rev")?.cast_unsigned()`, `rev`.
fn column(call: &str) -> Option<&str> {
    let call =
        if call.starts_with("::<") { call.split_once(">(").map(|(_, rest)| rest) } else { call.strip_prefix('(') };
    call?.strip_prefix('"')?.split('"').next()
}

fn names(text: &str) -> HashSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

/// What stands before a name that is only a part of another, or a method.
fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// What a line declares, where it begins a function.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches("pub(super) ").trim_start_matches("pub ");
    line.trim_start_matches("async ").strip_prefix("fn ")?.split(['(', '<']).next()
}

fn functions(file: &'static str) -> Vec<Function> {
    let path = format!("{}/src/{file}.rs", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let text = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    assert!(!text.contains(".try_get("), "{file} reads a column by its place");
    let (imports, code) = text.split_once("\nstatements! {").unwrap();
    let (_, code) = code.split_once("\n}\n").unwrap();
    let code = code.split("#[cfg(test)]").next().unwrap();
    let mut functions: Vec<Function> = Vec::new();
    for line in code.lines() {
        if let Some(name) = declared(line) {
            let (imports, name) = (imports.to_owned(), name.to_owned());
            functions.push(Function { file, imports, name, text: String::new() });
        }
        if let Some(function) = functions.last_mut() {
            function.text.push_str(line);
            function.text.push('\n');
        }
    }
    functions
}

#[test]
fn every_name_read_is_a_column_of_its_statement() {
    let all: Vec<Function> = ALL.iter().flat_map(|(file, _)| functions(file)).collect();
    let (mut wrong, mut reached) = (Vec::new(), HashSet::new());
    let mut check = |asks: &[&Statement], caller: &Function, reader: &Function| {
        for column in reader.reads() {
            if !asks.iter().any(|statement| statement.columns.iter().any(|(name, _)| *name == column)) {
                wrong.push(format!("{}::{} reads `{column}` for {}", reader.file, reader.name, caller.name));
            }
        }
    };
    for caller in all.iter().filter(|function| !function.asks().is_empty()) {
        let mut readers = vec![caller];
        while let Some(reader) = readers.pop() {
            check(&caller.asks(), caller, reader);
            reached.insert((reader.file, &reader.name));
            readers.extend(all.iter().filter(|other| reader.calls(other) && other.asks().is_empty()));
        }
    }
    // Rows that were handed on before they are read.
    for reader in all.iter().filter(|function| !reached.contains(&(function.file, &function.name))) {
        check(&of_file(reader.file).iter().collect::<Vec<_>>(), reader, reader);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn function(name: &str, text: &str) -> Function {
    Function { file: "lanes", imports: String::new(), name: name.to_owned(), text: text.to_owned() }
}

#[test]
fn what_is_read_is_found_in_the_text() {
    for (text, found) in [
        (".read(\"id\")?", Some("id")),
        (".read::<Option<i64>>(\"digest\")?.is_some()", Some("digest")),
        (".json(\"rules\")?", Some("rules")),
        (".read(name)?", None),
    ] {
        assert_eq!(function("a", &format!("row{text}")).reads().into_iter().next(), found, "{text}");
    }
    for (text, calls) in [
        ("rows.iter().map(known)", true),
        ("known(&row)", true),
        ("row.known(7)", false),
        ("unknown(7)", false),
        ("|known| 7", false),
        ("let known = |row| 7; rows.map(known)", false),
    ] {
        assert_eq!(function("a", text).calls(&function("known", "")), calls, "{text}");
    }
    assert_eq!(declared("pub(super) fn read_known(row: &Row)"), Some("read_known"));
    assert_eq!(declared("    pub async fn begin<T>("), Some("begin"));
    assert_eq!(declared("let fn_name = 1;"), None);
}
