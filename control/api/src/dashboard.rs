//! The dashboard, out of the program itself: its files as Vite built them, and its one page for every screen's path.
//!
//! It knows no screen. A path is a file's, or the page's, or nobody's; what is under `/api`, `/docs` and `/status` is never ours,
//! and a missing asset is a 404, since a script must not be answered with a page. Where the dashboard was not built, there is a
//! page that says how to. A debug build reads the files of the checkout as they are when it is asked.

use std::borrow::Cow;

use ::http::{HeaderMap, HeaderValue, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use rust_embed::RustEmbed;
use warp::{
    Filter, Reply,
    path::FullPath,
    reply::{self, Response},
};

use crate::{compress::takes, page::Group, problem::ApiError};

/// The page.
const INDEX: &str = "index.html";
/// Where its content security policy's nonce goes.
const PLACEHOLDER: &str = "__CSP_NONCE__";
/// First segments of paths the dashboard has no screens under; assets are files or nothing.
const NO_SCREENS: [&str; 4] = ["api", "assets", "docs", "status"];
/// Files under this have a hash in their name: another content is another name.
const ASSETS: &str = "assets/";
/// A year: as good as for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// May be kept, but asked about each time.
const ASK_AGAIN: &str = "no-cache";
/// A worker goes by the policy of its own script, not by the page's: it may load scripts of ours and speak to us.
const FILES_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";
/// How a file is stored beside itself, best first: the extension, and what HTTP calls it.
const ENCODINGS: [(&str, &str); 2] = [(".br", "br"), (".gz", "gzip")];
/// What a program without the dashboard shows.
const NOT_BUILT: &str = include_str!("not_built.html");

#[derive(RustEmbed)]
#[folder = "../../dashboard/dist"]
#[allow_missing = true]
struct Embedded;

/// Looks a file up by its path below the dashboard's folder.
type Files = fn(&str) -> Option<File>;

/// A file's bytes and what identifies them.
struct File {
    data: Cow<'static, [u8]>,
    hash: [u8; 32],
}

fn embedded(name: &str) -> Option<File> {
    Embedded::get(name).map(|file| File { data: file.data, hash: file.metadata.sha256_hash() })
}

/// `GET` and `HEAD` of whatever is not the API's.
pub(crate) fn routes() -> Group {
    serving(embedded)
}

fn serving(files: Files) -> Group {
    let ours = warp::path::full().and_then(|path: FullPath| async move {
        if is_ours(path.as_str()) { Ok(path) } else { Err(warp::reject::not_found()) }
    });
    let method = warp::get().or(warp::head()).unify();
    let respond = move |path: FullPath, headers: HeaderMap| {
        respond(files, path.as_str(), &headers).unwrap_or_else(|| ApiError::NotFound.response())
    };
    ours.and(method).and(warp::header::headers_cloned()).map(respond).boxed()
}

/// Whether a path is the dashboard's: that of a file, or of a screen.
pub(crate) fn is_ours(path: &str) -> bool {
    let first = first_segment(path);
    first == "assets" || !NO_SCREENS.contains(&first)
}

fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

fn respond(files: Files, path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = path.strip_prefix('/').unwrap_or(path);
    let is_index = ["", INDEX].contains(&name);
    if let Some(plain) = files(name).filter(|_| !is_index && is_public(name)) {
        return Some(file(files, name, plain, headers));
    }
    let is_page = is_index || is_screen(path, accepted(headers));
    is_page.then(|| page(files))
}

/// What Vite keeps for itself begins with a dot; a compressed file is asked for by its own name.
fn is_public(name: &str) -> bool {
    !name.split('/').any(|part| part.starts_with('.')) && !ENCODINGS.iter().any(|(suffix, _)| name.ends_with(suffix))
}

fn accepted(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*")
}

/// A browser that goes somewhere says that it wants a page. Who takes anything gets one too, unless the path looks like a file.
fn is_screen(path: &str, accept: &str) -> bool {
    let looks_like_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let wants_page = accept.contains("text/html") || (accept.contains("*/*") && !looks_like_file);
    wants_page && !NO_SCREENS.contains(&first_segment(path))
}

/// The page, with a nonce that no other answer has.
fn page(files: Files) -> Response {
    let nonce = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    let template = files(INDEX).map_or(NOT_BUILT.into(), |file| String::from_utf8_lossy(&file.data).into_owned());
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
        font-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
        frame-ancestors 'none'"
    );
    let mut response = reply::html(template.replace(PLACEHOLDER, &nonce)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(HeaderValue::from_str(&policy).ok().map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    dress(&mut response);
    response
}

/// A file, in the best encoding the client takes.
fn file(files: Files, name: &str, plain: File, headers: &HeaderMap) -> Response {
    let stored = |(suffix, encoding): &(&str, &'static str)| Some((files(&format!("{name}{suffix}"))?, *encoding));
    let compressed = ENCODINGS.iter().filter(|(_, encoding)| takes(headers, encoding)).find_map(stored);
    let (file, encoding) = compressed.map_or((plain, None), |(file, encoding)| (file, Some(encoding)));
    let tag = tag(&file.hash);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| knows(value, &tag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body(file.data) };
    let cache = if name.starts_with(ASSETS) { FOR_EVER } else { ASK_AGAIN };
    let kind = HeaderValue::from_static(media_type(name));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILES_POLICY));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    if !known {
        headers.insert(header::CONTENT_TYPE, kind);
        headers.extend(encoding.map(|encoding| (header::CONTENT_ENCODING, HeaderValue::from_static(encoding))));
    }
    dress(&mut response);
    response
}

fn body(data: Cow<'static, [u8]>) -> Response {
    let bytes = match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    Response::new(bytes.into())
}

/// Of the very bytes that are sent, so each encoding has its own (RFC 9110, section 8.8.3).
fn tag(hash: &[u8; 32]) -> String {
    format!("\"{}\"", STANDARD_NO_PAD.encode(&hash[..16]))
}

fn knows(if_none_match: &HeaderValue, tag: &str) -> bool {
    let tags = if_none_match.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.into_iter().any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// What browsers are told of all of it.
fn dress(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
