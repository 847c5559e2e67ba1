//! The API's document for programs (`/api/openapi.json`) and for people (`/docs`): static files out of the program itself,
//! under a policy that lets nothing else in.

use std::sync::LazyLock;

use ::http::{HeaderValue, header};
use bytes::Bytes;
use warp::{
    Filter, Reply,
    reply::{self, Response},
};

use crate::{
    openapi,
    page::{Group, Route},
    problem::ApiError,
};

/// What this page answers; the document does not list itself.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/openapi.json"), ("GET", "/docs"), ("GET", "/docs/{file}")];

/// The files of the people's page: name, type, text.
const FILES: &[(&str, &str, &str)] = &[
    ("docs.css", "text/css; charset=utf-8", include_str!("docs/docs.css")),
    ("docs.js", "text/javascript; charset=utf-8", include_str!("docs/docs.js")),
    ("dom.js", "text/javascript; charset=utf-8", include_str!("docs/dom.js")),
    ("schema.js", "text/javascript; charset=utf-8", include_str!("docs/schema.js")),
];
const PAGE: &str = include_str!("docs/index.html");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    // Texts, numbers and flags: JSON can hold every one of them.
    openapi::document().to_json().unwrap_or_default().into()
});

pub(crate) fn routes() -> Group {
    let document = warp::path!("api" / "openapi.json").and(warp::get()).map(|| {
        let body: Response = Response::new(DOCUMENT.clone().into());
        kept(reply::with_header(body, header::CONTENT_TYPE, "application/json").into_response())
    });
    let page = warp::path!("docs").and(warp::get()).map(|| kept(reply::html(PAGE).into_response()));
    let file = warp::path!("docs" / String).and(warp::get()).map(|name: String| file(&name));
    document.or(page).unify().or(file).unify().boxed()
}

fn file(name: &str) -> Response {
    let found = FILES.iter().find(|(known, ..)| *known == name);
    found.map_or_else(
        || ApiError::NotFound.into_response(),
        |(_, kind, text)| kept(reply::with_header(*text, header::CONTENT_TYPE, *kind).into_response()),
    )
}

/// A browser may keep it, and asks whether it is still so: another version has other texts under the same names.
fn kept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_in_the_page_itself() {
        assert!(!PAGE.contains("<style") && !PAGE.contains("style=") && !PAGE.contains("://"));
        assert!(PAGE.matches("<script").count() == 1 && PAGE.contains("src=\"/docs/docs.js\"></script>"));
        assert!(!POLICY.contains("unsafe"));
    }

    #[test]
    fn what_is_asked_for_is_there() {
        let texts = FILES.iter().map(|(_, _, text)| *text).chain([PAGE]);
        for text in texts {
            for import in text.split("from \"./").skip(1).chain(text.split("\"/docs/").skip(1)) {
                let name = import.split('"').next().unwrap();
                assert!(FILES.iter().any(|(known, ..)| *known == name), "{name}");
            }
        }
    }
}
