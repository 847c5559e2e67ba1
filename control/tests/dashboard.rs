//! The dashboard, as the program has it: with the dashboard built, what it was built of; without, the page that says how.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use serde_json::json;
use support::{Answer, Server};

const PAGE: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

fn look(server: &Server, path: &str) -> Answer {
    server.raw("GET", path, PAGE, "")
}

/// The value of the first attribute of this name.
fn attributes<'p>(page: &'p str, start: &str) -> Vec<&'p str> {
    page.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_page_is_served_on_every_screens_path_each_time_with_a_nonce_of_its_own() {
    let server = Server::start();
    let mut nonces = Vec::new();
    for path in ["/", "/index.html", "/monitors/7?range=24h", "/no/such/screen"] {
        let answer = look(&server, path);
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value));
        }
        let page = answer.expect(200);
        let page = page.as_str().unwrap();
        assert!(page.contains("UpGuard") && !page.contains("__CSP_NONCE__"), "{page}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(nonce.len() >= 22 && page.contains(&format!("\"{nonce}\"")), "{nonce} is not in\n{page}");
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "each answer has a nonce of its own");
}

#[test]
fn what_the_page_asks_for_is_there_and_kept_for_ever() {
    let server = Server::start();
    let page = look(&server, "/").expect(200);
    let page = page.as_str().unwrap();
    let assets: Vec<_> = [attributes(page, "src=\"/assets/"), attributes(page, "href=\"/assets/")].concat();
    assert!(!assets.is_empty() || page.contains("not built"), "a page without assets:\n{page}");
    for asset in assets {
        let path = format!("/assets/{asset}");
        let plain = server.raw("GET", &path, &[("accept-encoding", "identity")], "");
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!((plain.header("vary"), plain.header("content-encoding")), (Some("Accept-Encoding"), None));
        let tag = plain.header("etag").unwrap();
        assert_eq!(server.raw("GET", &path, &[("if-none-match", tag)], "").status, 304);
        for encoding in ["br", "gzip"] {
            let head = server.raw("HEAD", &path, &[("accept-encoding", encoding)], "");
            assert_eq!((head.status, head.header("content-encoding")), (200, Some(encoding)), "{path}");
            assert_eq!(head.header("content-type"), plain.header("content-type"));
            assert_ne!(head.header("etag"), Some(tag));
        }
    }
}

#[test]
fn nothing_else_becomes_a_page() {
    let server = Server::start();
    for path in ["/assets/gone-1.js", "/assets/..%2f..%2fCargo.toml", "/api/v1/nothing", "/status/shop"] {
        look(&server, path).problem(404);
    }
    for path in ["/favicon.png", "/..%2f..%2fetc/passwd", "/.vite/manifest.json"] {
        server.raw("GET", path, &[("accept", "application/json")], "").problem(404);
    }
    server.post("/monitors", &json!({})).problem(405);
    server.post("/api/v1/nothing", &json!({})).problem(404);
    assert_eq!(server.raw("HEAD", "/", PAGE, "").expect(200), "");
    let metrics = server.admin("/metrics").expect(200);
    let line = r#"upguard_http_requests_total{method="HEAD",route="dashboard",status="200"} 1"#;
    assert!(metrics.as_str().unwrap().contains(line), "{line} is not in\n{metrics}");
}
