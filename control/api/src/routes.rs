//! All routes, as data and as one filter.

use std::sync::Arc;

use warp::Filter;

use crate::{
    App, dashboard, docs,
    page::{Group, Route},
    pages::PAGES,
};

/// Every route: those of the API's pages, and where they are described.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    PAGES.iter().flat_map(|page| page.routes).chain(docs::ROUTES)
}

/// What metrics call a request for the dashboard: its paths are the screens' affair.
pub(crate) const DASHBOARD: &str = "dashboard";

/// What metrics call a request that no route is for.
pub(crate) const OTHER: &str = "other";

pub(crate) fn all(app: &Arc<App>) -> Group {
    let pages = PAGES.iter().map(|page| (page.answers)(app));
    pages.fold(docs::routes(), |all, page| all.or(page).unify().boxed())
}

/// What is wrong with the path of a request that would be one of ours without the slash at its end.
pub(crate) fn astray(path: &str) -> Option<String> {
    let bare = path.trim_end_matches('/');
    let is_ours = || routes().any(|(_, template)| fits(template, bare));
    (bare.len() < path.len() && is_ours()).then(|| format!("no path ends in `/` here: ask for {bare}"))
}

/// The methods that this path knows, for `Allow` (RFC 9110, section 10.2.1). Beside the API there are only pages to look at.
pub(crate) fn allowed(path: &str) -> String {
    let fitting = || routes().filter(|(_, template)| fits(template, path));
    // `monitors/bulk` is no monitor.
    let nearest = fitting().map(|(_, template)| parameters(template)).min();
    let known = fitting().filter(|(_, template)| Some(parameters(template)) == nearest);
    let mut methods: Vec<&str> = known.map(|(method, _)| *method).collect();
    if methods.is_empty() {
        methods.push("GET");
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

/// The route's path of a request, for metrics: never the path itself, which may hold an id. HEAD is a GET without its body.
pub(crate) fn name(method: &str, path: &str) -> &'static str {
    let verb = if method == "HEAD" { "GET" } else { method };
    let fitting = routes().filter(|(known, template)| *known == verb && fits(template, path));
    match fitting.min_by_key(|(_, template)| parameters(template)) {
        Some((_, template)) => template,
        None if dashboard::is_ours(path) && matches!(method, "GET" | "HEAD") => DASHBOARD,
        None => OTHER,
    }
}

fn parameters(template: &str) -> usize {
    template.matches('{').count()
}

fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let all =
        template.split('/').all(|part| segments.next().is_some_and(|given| part == given || is_parameter(part, given)));
    all && segments.next().is_none()
}

fn is_parameter(part: &str, given: &str) -> bool {
    part.starts_with('{') && !given.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_manual() {
        let manual = include_str!("../../../docs/api.md");
        for (method, path) in routes() {
            assert!(manual.contains(&format!("`{method} {path}`")), "docs/api.md lacks {method} {path}");
        }
    }

    #[test]
    fn paths_find_their_template() {
        assert!(fits("/a/{id}/b", "/a/7/b"));
        assert!(!fits("/a/{id}/b", "/a//b"));
        assert!(!fits("/a/{id}", "/a/7/b"));
        assert!(!fits("/a/{id}/b", "/a/7"));
        assert_eq!(name("POST", "/api/v1/auth/login"), "/api/v1/auth/login");
        assert_eq!(name("GET", "/api/v1/auth/login"), OTHER);
        assert_eq!(name("HEAD", "/api/v1/auth/me"), "/api/v1/auth/me");
        assert_eq!(allowed("/api/v1/monitors/7"), "DELETE, GET, HEAD, PATCH");
        assert_eq!(allowed("/api/v1/auth/login"), "POST");
        assert_eq!(allowed("/api/v1/monitors/bulk"), "POST");
        assert_eq!(allowed("/api/v1/monitors/beats"), "GET, HEAD");
        assert_eq!(allowed("/livez"), "GET, HEAD");
        assert!(astray("/api/v1/monitors/").unwrap().ends_with("ask for /api/v1/monitors"));
        assert_eq!((astray("/api/v1/monitors"), astray("/"), astray("/api/v1/x/")), (None, None, None));
        assert_eq!(name("HEAD", "/monitors/7"), DASHBOARD);
        assert_eq!(name("POST", "/monitors/7"), OTHER);
    }
}
