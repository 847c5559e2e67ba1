use std::collections::HashMap;

use ::http::{HeaderName, Request};
use http_body_util::BodyExt;

use super::*;

/// A dashboard made by hand: a hash is the file's length.
fn files(name: &str) -> Option<File> {
    let data: &'static [u8] = match name {
        "index.html" => b"<meta content=\"__CSP_NONCE__\"><script nonce=\"__CSP_NONCE__\"></script>",
        "theme-init.js" => b"theme()",
        "assets/a-1.js" => b"the whole script",
        "assets/a-1.js.br" => b"br",
        "assets/a-1.js.gz" => b"gzip",
        "assets/b-2.css" => b"css",
        ".vite/manifest.json" => b"{}",
        _ => return None,
    };
    Some(File { data: data.into(), hash: [data.len() as u8; 32] })
}

/// Status, headers and body of an answer.
type Got = (u16, HashMap<String, String>, String);

async fn get(path: &str, headers: &[(&str, &str)]) -> Got {
    let name = |name: &str| HeaderName::try_from(name).unwrap();
    let headers = headers.iter().map(|(key, value)| (name(key), HeaderValue::from_str(value).unwrap()));
    let path = path.split('?').next().unwrap();
    let asked = if is_ours(path) { respond(files, path, &headers.collect()) } else { None };
    let answer = asked.unwrap_or_else(|| ApiError::NotFound.response());
    let status = answer.status().as_u16();
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_sent_compressed_to_who_takes_it() {
    let cases = [
        ("gzip, deflate, br, zstd", Some("br"), "br"),
        ("gzip;q=1.0, br;q=0", Some("gzip"), "gzip"),
        ("GZIP", Some("gzip"), "gzip"),
        ("deflate", None, "the whole script"),
        ("", None, "the whole script"),
        ("br;q=nonsense", None, "the whole script"),
    ];
    let mut tags = Vec::new();
    for (accepts, encoding, body) in cases {
        let (status, headers, sent) = get("/assets/a-1.js", &[("accept-encoding", accepts)]).await;
        assert_eq!((status, sent.as_str()), (200, body), "{accepts}");
        assert_eq!(headers.get("content-encoding").map(String::as_str), encoding, "{accepts}");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["vary"], "Accept-Encoding");
        tags.push((headers["etag"].clone(), body));
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "one tag for each encoding: {tags:?}");
    let (_, headers, sent) = get("/assets/b-2.css", &[("accept-encoding", "br")]).await;
    assert_eq!((sent.as_str(), headers["content-type"].as_str()), ("css", "text/css; charset=utf-8"));
}

#[tokio::test]
async fn other_files_are_asked_about_again() {
    let (status, headers, body) = get("/theme-init.js", &[]).await;
    assert_eq!((status, headers["cache-control"].as_str(), body.as_str()), (200, "no-cache", "theme()"));
    let tag = headers["etag"].clone();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let (status, headers, body) = get("/theme-init.js", &[("if-none-match", &known)]).await;
        assert_eq!((status, body.as_str(), &headers["etag"]), (304, "", &tag));
    }
    assert_eq!(get("/theme-init.js", &[("if-none-match", "\"x\"")]).await.0, 200);
}

#[tokio::test]
async fn a_screen_is_the_page_with_a_nonce_of_its_own() {
    let mut nonces = Vec::new();
    for path in ["/", "/index.html", "/monitors/0193", "/incidents?status=open", "/assetsx", "/wp-admin/x.php"] {
        let (status, headers, body) = get(path, &[("accept", "text/html,*/*;q=0.8")]).await;
        assert_eq!((status, headers["cache-control"].as_str()), (200, "no-store"), "{path}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        let nonce = body.split('"').nth(1).unwrap().to_owned();
        assert!(nonce.len() >= 22 && body.matches(&nonce).count() == 2 && !body.contains("__"), "{body}");
        let policy = &headers["content-security-policy"];
        assert_eq!(policy.matches(&format!("'nonce-{nonce}'")).count(), 2, "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        nonces.push(nonce);
    }
    let count = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), count);
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let html = [("accept", "text/html")];
    for path in [
        "/assets/gone.js",
        "/assets/",
        "/assets",
        "/assets/../index.html",
        "/assets/a-1.js.br",
        "/api/v1/nothing",
        "/api",
        "/docs",
        "/status/shop",
    ] {
        let (status, headers, _) = get(path, &html).await;
        assert_eq!((status, headers["content-type"].as_str()), (404, "application/problem+json"), "{path}");
    }
    assert_eq!(get("/monitors/7", &[("accept", "application/json")]).await.0, 404);
    assert_eq!(get("/favicon.png", &[("accept", "image/*,*/*;q=0.8")]).await.0, 404);
    assert_eq!(get("/overview", &[("accept", "*/*")]).await.0, 200);
    assert_eq!(get("/overview", &[]).await.0, 200);
}

#[tokio::test]
async fn nothing_but_the_dashboards_own_files_is_reached() {
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/.vite/manifest.json",
        "/theme-init.js/..",
        "/theme-init.js%00",
        "/\\..\\Cargo.toml",
    ] {
        let (status, _, body) = get(path, &[("accept", "application/json")]).await;
        assert_eq!(status, 404, "{path}: {body}");
    }
}

#[test]
fn a_program_without_the_dashboard_says_how_to_build_it() {
    let response = page(|_| None);
    assert_eq!(response.status(), 200);
    assert!(NOT_BUILT.contains("cargo xtask up") && NOT_BUILT.contains("npm run build"));
    let request = Request::get("/").body(()).unwrap();
    assert!(respond(|_| None, request.uri().path(), request.headers()).is_some());
}

#[tokio::test]
async fn a_worker_may_speak_to_us() {
    let (_, headers, _) = get("/assets/a-1.js", &[]).await;
    assert!(headers["content-security-policy"].contains("connect-src 'self'"), "{headers:?}");
}
