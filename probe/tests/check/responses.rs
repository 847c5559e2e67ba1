//! What a site that answers is found to be.

use std::time::Duration;

use wire::{Reason, Verdict};

use crate::{
    check, check_with, phases, settings,
    site::{Act, Site, ok, send},
    told,
};

const MIB: usize = 1024 * 1024;

fn status(code: u16) -> Act {
    send(format!("HTTP/1.1 {code} X\r\nContent-Length: 0\r\n\r\n"))
}

#[tokio::test]
async fn statuses() {
    let site = Site::new(|request| status(request[5..8].parse().unwrap()));
    let cases = [
        (200, "{}", "up"),
        (204, "{}", "up"),
        (304, "{}", "status: status 304, expected 200-299"),
        (404, "{}", "status: status 404, expected 200-299"),
        (503, "{}", "status: status 503, expected 200-299"),
        (404, r#"{"expect": {"status": ["404", "500-599"]}}"#, "up"),
        (200, r#"{"expect": {"status": ["404"]}}"#, "status: status 200, expected 404"),
        (101, "{}", "status: status 101, expected 200-299"),
        (300, "{}", "status: status 300, expected 200-299"),
        (301, "{}", "status: status 301, expected 200-299"),
    ];
    for (code, spec, expected) in cases {
        let found = check(&site.url(&format!("/{code}")), spec).await;
        assert_eq!((told(&found).as_str(), found.http_status), (expected, Some(code)));
    }
}

#[tokio::test]
async fn the_phases_of_a_plain_check() {
    let site = Site::new(|request| if request.starts_with("GET /none") { status(200) } else { ok("body") });
    let found = check(&site.url("/"), "{}").await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "connect processing transfer"));
    assert_eq!((found.address, found.redirects), (Some([127, 0, 0, 1].into()), 0));
    assert!(found.tls.is_none() && found.detail.is_none() && !found.starved);
    assert_eq!(phases(&check(&site.url("/none"), "{}").await), "connect processing");
}

#[tokio::test]
async fn latency_degrades() {
    let site = Site::new(|_| {
        std::thread::sleep(Duration::from_millis(60));
        ok("slow")
    });
    let found = check(&site.url("/"), r#"{"expect": {"max_latency_ms": 50}}"#).await;
    assert_eq!((found.verdict, found.reason), (Verdict::Degraded, Some(Reason::Latency)));
    assert!(found.phases.processing.unwrap() >= Duration::from_millis(60), "{found:?}");
    assert_eq!(told(&check(&site.url("/"), r#"{"expect": {"max_latency_ms": 20000}}"#).await), "up");
}

#[tokio::test]
async fn texts_in_every_kind_of_body() {
    let body = "well, hello wonderful world";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                   8;x=y\r\nwell, he\r\n0a\r\nllo wonder\r\n9\r\nful world\r\n0\r\nTrailer: t\r\n\r\n";
    let ways = [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        format!("HTTP/1.0 200 OK\r\n\r\n{body}"),
        format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nno header at all\r\nX: folded\r\n line\r\nConnection: close\r\n\r\n{body}"),
        chunked.to_owned(),
    ];
    let cases = [
        (r#"{"contains": "hello wonderful"}"#, "up"),
        (r#"{"contains": "well, hello wonderful world"}"#, "up"),
        (r#"{"contains": "goodbye"}"#, "body: body does not contain `goodbye`"),
        (r#"{"not_contains": "goodbye"}"#, "up"),
        (r#"{"contains": "well", "not_contains": "wonderful world"}"#, "body: body contains `wonderful world`"),
    ];
    for way in ways {
        for piece in [1, 7, 4_096] {
            let sent = way.clone();
            let site = Site::new(move |_| Act::Pieces(sent.clone().into_bytes(), piece));
            for (expect, expected) in cases {
                let found = check(&site.url("/"), &format!(r#"{{"expect": {expect}}}"#)).await;
                assert_eq!(told(&found), expected, "{expect} in {way:?} by {piece}");
            }
        }
    }
}

/// A body of zeros with `end` behind it.
fn long(zeros: usize) -> Act {
    let mut sent = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", zeros + 3).into_bytes();
    sent.resize(sent.len() + zeros, b'0');
    sent.extend_from_slice(b"end");
    Act::Send(sent)
}

#[tokio::test]
async fn a_huge_body_is_bounded() {
    let site = Site::new(|request| match &request[..8] {
        "GET /fit" => long(MIB - 3),
        "GET /big" => long(MIB),
        // Endless: only the bound ends it.
        _ => Act::Hold([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'0'; 2 * MIB]].concat()),
    });
    let end = r#"{"expect": {"contains": "end"}}"#;
    assert_eq!(told(&check(&site.url("/fit"), end).await), "up");
    let beyond = "body: body does not contain `end` in its first 1 MiB (the rest is not looked at)";
    assert_eq!(told(&check(&site.url("/big"), end).await), beyond);
    let found = check(&site.url("/endless"), "{}").await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "connect processing transfer"));
}

#[tokio::test]
async fn ipv6() {
    let Ok(site) = Site::on("[::1]:0", None, |_| ok("six")) else {
        eprintln!("this machine has no IPv6 loopback: nothing to test");
        return;
    };
    let found = check(&site.url("/"), "{}").await;
    assert_eq!((told(&found).as_str(), found.address), ("up", Some("::1".parse().unwrap())));
    assert!(site.requests()[0].contains(&format!("Host: {}\r\n", site.address)));
}

#[tokio::test]
async fn refused_addresses() {
    let site = Site::new(|_| ok("secret"));
    let allow = vec!["10.0.0.0/8".parse().unwrap()];
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254"] {
        let settings = probe::check::Settings { allow: allow.clone(), ..settings() };
        let url = format!("http://{host}:{}/", site.address.port());
        let found = check_with(settings, &url, "{}").await;
        assert_eq!((found.reason, phases(&found).as_str()), (Some(Reason::RefusedAddress), ""), "{host}");
    }
    assert_eq!(site.requests().len(), 0);
}
