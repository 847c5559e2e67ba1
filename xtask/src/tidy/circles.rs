//! Files of a crate that import each other in a circle, which no single file shows. A file may know the module it is a part
//! of: those two are one thing in two files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::slice::from_ref;

use anyhow::{Context, Result};
use syn::{Item, UseTree};

use super::rules::Violation;

/// A module by its path, the crate's folder first: `control::http::auth`.
type Module = Vec<String>;

/// Which modules each one imports.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// One line for each circle in the sources among `files`, all files of the checkout at `root`.
pub(crate) fn violations(root: &Path, files: &[String]) -> Result<Vec<(String, Violation)>> {
    let sources = files.iter().filter(|path| module(path).is_some());
    let sources = sources.map(|path| Ok((path.clone(), fs::read_to_string(root.join(path)).context(path.clone())?)));
    let sources: Vec<(String, String)> = sources.collect::<Result<_>>()?;
    Ok(circles(&imports(&sources)?).into_iter().map(|circle| violation(&circle, &sources)).collect())
}

fn violation(circle: &[Module], sources: &[(String, String)]) -> (String, Violation) {
    let begins = |path: &&String| circle.first().is_some_and(|first| module(path).as_ref() == Some(first));
    let path = sources.iter().map(|(path, _)| path).find(begins).cloned().unwrap_or_default();
    let around = circle.iter().chain(circle.first()).map(|module| module.join("::"));
    let rule = format!("files import each other in a circle: {}", around.collect::<Vec<_>>().join(" → "));
    (path, Violation { line: 1, rule, mend: "move what both need to a file of its own" })
}

/// The module of a source file; none for files of tests.
fn module(path: &str) -> Option<Module> {
    let (of_crate, file) = path.strip_suffix(".rs")?.split_once("/src/")?;
    let mut module = vec![of_crate.to_owned()];
    module.extend(file.split('/').map(str::to_owned));
    if module.iter().any(|part| part == "tests") {
        return None;
    }
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    Some(module)
}

fn imports(sources: &[(String, String)]) -> Result<Imports> {
    let all: BTreeSet<Module> = sources.iter().filter_map(|(path, _)| module(path)).collect();
    let mut imports = Imports::new();
    for (path, text) in sources {
        let Some(module) = module(path) else { continue };
        let items = syn::parse_file(text).with_context(|| format!("cannot parse {path}"))?.items;
        let mut paths = Vec::new();
        for item in &items {
            if let Item::Use(item) = item {
                flatten(&item.tree, &mut Vec::new(), &mut paths);
            }
        }
        let found = paths.iter().filter_map(|path| target(&module, path, &all));
        let found: Vec<_> = found.filter(|target| !module.starts_with(target)).collect();
        imports.entry(module.clone()).or_default().extend(found);
    }
    Ok(imports)
}

/// All paths of a `use`, one for each name it brings.
fn flatten(tree: &UseTree, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, paths);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, paths)),
        UseTree::Name(name) => paths.push([&before[..], &[name.ident.to_string()]].concat()),
        UseTree::Rename(name) => paths.push([&before[..], &[name.ident.to_string()]].concat()),
        UseTree::Glob(_) => paths.push(before.clone()),
    }
}

/// The file of this crate that `path`, as `module` writes it, leads into.
fn target(module: &Module, path: &[String], all: &BTreeSet<Module>) -> Option<Module> {
    let mut found = module.clone();
    for (place, part) in path.iter().enumerate() {
        match part.as_str() {
            "crate" if place == 0 => found.truncate(1),
            "self" => {}
            "super" => drop(found.pop()),
            _ => found.push(part.clone()),
        }
    }
    let is_other_crate = path.first().is_some_and(|first| {
        !matches!(first.as_str(), "crate" | "self" | "super") && !all.contains(&[&module[..], from_ref(first)].concat())
    });
    while !is_other_crate && !found.is_empty() && !all.contains(&found) {
        found.pop();
    }
    (!is_other_crate && !found.is_empty()).then_some(found)
}

/// The shortest circle through each module, told once: from its first module.
fn circles(imports: &Imports) -> Vec<Vec<Module>> {
    let found = imports.keys().filter_map(|module| around(module, imports));
    found.filter(|circle| circle.iter().min() == circle.first()).collect()
}

fn around(module: &Module, imports: &Imports) -> Option<Vec<Module>> {
    let mut waiting = VecDeque::from([vec![module.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = waiting.pop_front() {
        for next in imports.get(way.last()?).into_iter().flatten() {
            if next == module {
                return Some(way);
            }
            if seen.insert(next) {
                waiting.push_back([&way[..], from_ref(next)].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sources: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = sources.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let circles = circles(&imports(&sources).unwrap());
        circles
            .iter()
            .map(|circle| circle.iter().map(|module| module.join("::")).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn circles_are_found_however_they_are_written() {
        let app = ("control/src/app.rs", "use crate::{store::Db, live::{self, Live}};");
        assert_eq!(found(&[app, ("control/src/live.rs", "use super::app::App;")]), ["control::app control::live"]);
        let third = ("control/src/live/wants.rs", "pub use crate::app::*;");
        assert_eq!(found(&[app, ("control/src/live.rs", "mod wants; use wants::W;"), third]).len(), 1);
        let page = ("a/src/http/page.rs", "use super::{problem::ApiError as E};");
        assert_eq!(
            found(&[page, ("a/src/http/problem.rs", "use super::page::json;")]),
            ["a::http::page a::http::problem"]
        );
    }

    #[test]
    fn what_leads_one_way_is_none() {
        let parts = [("a/src/tls.rs", "mod error; use error::Error;"), ("a/src/tls/error.rs", "use super::Tls;")];
        assert!(found(&parts).is_empty(), "a file knows the module it is a part of");
        let crates = [("a/src/wire.rs", "use tokio::net;"), ("a/src/tokio.rs", "use crate::wire::Link;")];
        assert!(found(&crates).is_empty(), "other crates are no files of this one");
        let tests = [("a/src/x.rs", ""), ("a/src/x/tests.rs", "use crate::y::Y;"), ("a/src/y.rs", "use crate::x::X;")];
        assert!(found(&tests).is_empty());
        let inner = [("a/src/x.rs", "mod tests { use crate::y::Y; }"), ("a/src/y.rs", "use crate::x::X;")];
        assert!(found(&inner).is_empty());
    }
}
