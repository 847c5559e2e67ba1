//! What a site gets to read.

use crate::{
    check,
    site::{Site, ok, send},
    told, work,
};

#[tokio::test]
async fn a_get_byte_for_byte() {
    let site = Site::new(|_| ok(""));
    assert_eq!(told(&check(&site.url("/a/b?c=d&e"), "{}").await), "up");
    let request = site.requests().remove(0);
    let (first, lines) = request.split_once("\r\n").unwrap();
    let mut lines: Vec<_> = lines.trim_end().split("\r\n").collect();
    lines.sort_unstable();
    assert_eq!(first, "GET /a/b?c=d&e HTTP/1.1");
    let host = format!("Host: {}", site.address);
    let codings = "Accept-Encoding: gzip, br, deflate, zstd";
    assert_eq!(lines, [codings, "Accept: */*", "Connection: close", &host, "User-Agent: UpGuard/test"]);
}

#[tokio::test]
async fn methods_headers_and_bodies() {
    let site = Site::new(|_| ok("x"));
    let body = "name=wert&ümlaut=ja\r\n".repeat(700);
    let spec = serde_json::json!({"method": "POST", "body": body, "headers": {
        "Host": "elsewhere.example", "User-Agent": "mine", "X-Token": "t", "content-type": "text/plain",
    }});
    assert_eq!(told(&check(&site.url("/"), &spec.to_string()).await), "up");
    let request = site.requests().remove(0);
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(sent, body);
    let length = format!("Content-Length: {}", body.len());
    for line in ["Host: elsewhere.example", "User-Agent: mine", "X-Token: t", "Content-Type: text/plain", &length] {
        assert_eq!(head.matches(line).count(), 1, "{line} in {head}");
    }
    assert!(head.starts_with("POST / HTTP/1.1\r\n") && !head.contains("UpGuard"), "{head}");
    check(&site.url("/"), r#"{"method": "PUT"}"#).await;
    assert!(site.requests()[1].contains("Content-Length: 0\r\n"));
}

#[tokio::test]
async fn head_has_no_body_whatever_it_announces() {
    let site = Site::new(|_| send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"));
    let found = check(&site.url("/"), r#"{"method": "HEAD"}"#).await;
    assert_eq!((told(&found).as_str(), found.phases.transfer), ("up", None));
}

#[test]
fn nothing_can_be_injected() {
    let specs = [
        r#"{"headers": {"X-A": "a\r\nEvil: b"}}"#,
        r#"{"headers": {"X-A": "a\nEvil: b"}}"#,
        r#"{"headers": {"X-A\r\nEvil": "b"}}"#,
        r#"{"headers": {"Transfer-Encoding": "chunked"}}"#,
        r#"{"headers": {"Content-Length": "1"}}"#,
        r#"{"method": "GET / HTTP/1.1\r\nEvil: b\r\n\r\nGET"}"#,
    ];
    for spec in specs {
        assert!(serde_json::from_str::<wire::HttpSpec>(spec).is_err(), "{spec}");
    }
    for url in ["http://a.example/\r\nEvil: b", "http://a.example/ HTTP/1.1", "http://a.example\t/"] {
        assert!(url.parse::<wire::CheckUrl>().is_err(), "{url:?}");
    }
    assert_eq!(work("http://a.example/%0d%0aEvil:%20b", "{}").url.url().path(), "/%0d%0aEvil:%20b");
}
