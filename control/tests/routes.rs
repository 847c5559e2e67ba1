//! Every route has a test that asks it. The tests' own texts are read for it: `.post("/api/v1/…", …)` and the like.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

use std::fs;

use api::routes;

#[test]
fn every_route_is_asked_by_a_test() {
    let asked = asked();
    // What is beside the API is asked for in `openapi.rs`.
    let ours = routes().filter(|(_, path)| path.starts_with("/api/v1/"));
    let untested: Vec<_> =
        ours.filter(|(method, path)| !asked.iter().any(|(m, p)| m == method && fits(path, p))).collect();
    assert!(untested.is_empty(), "no test asks {untested:?}");
}

/// `(method, path)` of every request written in a test; a part that is computed there is `{…}`.
fn asked() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let mut folders = vec![folder.into()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir::<std::path::PathBuf>(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.extend(requests(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

/// Looks at every text that is a path of the API, and at the last method named before it.
fn requests(source: &str) -> Vec<(String, String)> {
    let paths = source.match_indices("\"/api/v1/").map(|(at, _)| at);
    let request = |at: usize| {
        let path = source[at + 1..].split(['"', '?']).next()?;
        Some((method_before(&source[..at])?, path.to_owned()))
    };
    paths.filter_map(request).collect()
}

fn method_before(source: &str) -> Option<String> {
    let methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];
    let last = |method: &&str| {
        let call = source.rfind(&format!(".{}(", method.to_lowercase()));
        call.max(source.rfind(&format!("\"{method}\"")))
    };
    let nearest = methods.iter().filter_map(|method| Some((last(method)?, *method))).max()?;
    Some(nearest.1.to_owned())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
}

#[test]
fn requests_are_found_in_a_source() {
    let source = r#"let x = server.get("/api/v1/a?b=c"); ann.post(&format!("/api/v1/a/{id}/b"), &y);
        server.send("DELETE", "/api/v1/a/7", None)"#;
    let found = requests(source);
    let expected = [("GET", "/api/v1/a"), ("POST", "/api/v1/a/{id}/b"), ("DELETE", "/api/v1/a/7")];
    assert_eq!(found.iter().map(|(m, p)| (m.as_str(), p.as_str())).collect::<Vec<_>>(), expected);
    assert!(fits("/api/v1/a/{id}/b", "/api/v1/a/{monitor}/b"));
}
