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
        (999, "{}", "status: status 999, expected 200-299"),
        (999, r#"{"expect": {"status": ["600-999"]}}"#, "up"),
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
        "GET /fit" => long(8 * MIB - 3),
        "GET /big" => long(8 * MIB),
        // Endless: only the bound ends it.
        _ => Act::Hold([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'0'; 2 * MIB]].concat()),
    });
    let end = r#"{"expect": {"contains": "end"}}"#;
    assert_eq!(told(&check(&site.url("/fit"), end).await), "up");
    let beyond = "body: body does not contain `end` in its first 8 MiB (the rest is not looked at)";
    assert_eq!(told(&check(&site.url("/big"), end).await), beyond);
    let found = check(&site.url("/endless"), "{}").await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "connect processing transfer"));
}

#[tokio::test]
async fn heads_as_sites_write_them() {
    let lines = |n: usize| (0..n).fold(String::new(), |text, n| text + &format!("X-H{n}: v\r\n"));
    let closing = |status: &str, headers: &str| format!("{status}\r\n{headers}\r\nfine");
    let wide = format!("X-Wide: {}\r\n", "w".repeat(200 * 1024));
    let chunked = "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n";
    for (sent, version) in [
        (closing("HTTP/1.1 200 OK", &lines(150)), "HTTP/1.1"),
        (closing("HTTP/1.1 200 OK", &lines(4_000)), "HTTP/1.1"),
        (closing("HTTP/1.1 200 OK", &wide), "HTTP/1.1"),
        (closing("HTTP/1.1  200 OK", ""), "HTTP/1.1"),
        (closing("HTTP/1.0 200 OK", "Transfer-Encoding: identity\r\nContent-Length: 4\r\n"), "HTTP/1.0"),
        (format!("HTTP/1.0 200 OK\r\n{chunked}"), "HTTP/1.0"),
        (format!("\r\nHTTP/1.0   200 OK\r\n{chunked}"), "HTTP/1.0"),
    ] {
        for piece in [11, 100_000] {
            let sent = sent.clone();
            let begins = sent.chars().take(60).collect::<String>();
            let site = Site::new(move |_| Act::Pieces(sent.clone().into_bytes(), piece));
            let found = check(&site.url("/"), r#"{"expect": {"contains": "fine"}}"#).await;
            assert_eq!(told(&found), "up", "{begins:?} by {piece}");
            let found = check(&site.url("/"), r#"{"expect": {"status": ["404"]}}"#).await;
            let head = found.evidence.unwrap().response_head.unwrap();
            assert!(head.starts_with(&format!("{version} 200 OK")), "{head:.80}");
        }
    }
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

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, text).unwrap();
    encoder.finish().unwrap()
}

/// A 200 with these header lines and this body.
fn with(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn bodies_are_judged_as_people_see_them() {
    let fatal = gzip(b"Fatal error: no database");
    let russian = b"<p>\xce\xf8\xe8\xe1\xea\xe0 \xe1\xe0\xe7\xfb</p>";
    let utf_16 = "\u{feff}Fatal error".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    let meta = [b"<html><head><meta charset=windows-1251></head>".as_slice(), russian].concat();
    let cut = gzip(&b"0123456789abcdef".repeat(500).iter().rev().copied().collect::<Vec<_>>());
    let (is, lacks) = (r#"{"contains": "Fatal error"}"#, r#"{"not_contains": "Fatal error"}"#);
    let (is_russian, lacks_russian) = (r#"{"contains": "Ошибка"}"#, r#"{"not_contains": "Ошибка"}"#);
    let is_western = r#"{"contains": "geöffnet"}"#;
    let says = |what: &str, why: &str| format!("body: body {what}: {why}");
    let cases: Vec<(&str, &[u8], &str, String)> = vec![
        ("Content-Encoding: gzip", &fatal, is, "up".to_owned()),
        ("Content-Encoding: gzip", &fatal, lacks, "body: body contains `Fatal error`".to_owned()),
        ("Content-Encoding: gzip", b"plain", "{}", "up".to_owned()),
        ("Content-Encoding: gzip", b"a Fatal error", is, "up".to_owned()),
        (
            "Content-Encoding: gzip",
            b"all is well",
            lacks,
            says("may contain `Fatal error`", "its Content-Encoding says gzip, which it is not"),
        ),
        (
            "Content-Encoding: gzip",
            b"all is well",
            is,
            says("does not contain `Fatal error`", "its Content-Encoding says gzip, which it is not"),
        ),
        ("Content-Encoding: gzip", &cut[..cut.len() - 12], "{}", "up".to_owned()),
        (
            "Content-Encoding: gzip",
            &cut[..cut.len() - 12],
            lacks,
            says("may contain `Fatal error`", "it breaks off inside its gzip encoding"),
        ),
        (
            "Content-Encoding: compress",
            b"all is well",
            lacks,
            says("may contain `Fatal error`", "its Content-Encoding is unknown"),
        ),
        ("Content-Type: text/html; charset=windows-1251", russian, is_russian, "up".to_owned()),
        (
            "Content-Type: text/html; charset=windows-1251",
            russian,
            lacks_russian,
            "body: body contains `Ошибка`".to_owned(),
        ),
        ("Content-Type: text/html", &meta, is_russian, "up".to_owned()),
        ("Content-Type: text/html", &meta, lacks_russian, "body: body contains `Ошибка`".to_owned()),
        (
            "Content-Type: text/html",
            russian,
            lacks_russian,
            says("may contain `Ошибка`", "it is not valid UTF-8 and names no other charset"),
        ),
        (
            "Content-Type: text/html; charset=ebcdic",
            russian,
            lacks,
            says("may contain `Fatal error`", "its Content-Type names an unknown charset"),
        ),
        ("Content-Type: text/html; charset=utf8mb4", b"all is well", lacks, "up".to_owned()),
        ("Content-Type: text/html", russian, lacks, "up".to_owned()),
        ("Content-Type: text/html", b"wir haben ge\xf6ffnet", is_western, "up".to_owned()),
        ("Content-Type: text/html; charset=iso-8859-1", b"wir haben ge\xf6ffnet", is_western, "up".to_owned()),
        ("Content-Type: text/html; charset=utf-8", &utf_16, is, "up".to_owned()),
        ("Content-Type: text/html", "wir haben geöffnet".as_bytes(), is_western, "up".to_owned()),
        ("Content-Type: text/html", "wir haben geöffnet".as_bytes(), lacks_russian, "up".to_owned()),
    ];
    for (headers, body, expect, expected) in cases {
        for piece in [1, 4_096] {
            let sent = with(headers, body);
            let site = Site::new(move |_| Act::Pieces(sent.clone(), piece));
            let found = check(&site.url("/"), &format!(r#"{{"expect": {expect}}}"#)).await;
            assert_eq!(told(&found), expected, "{headers} {expect} {} by {piece}", body.escape_ascii());
        }
    }
}

#[tokio::test]
async fn what_is_beyond_the_bound_is_not_up_by_silence() {
    let bomb = with("Content-Encoding: gzip", &gzip(&vec![0; 64 * MIB]));
    let site = Site::new(move |request| match &request[..8] {
        "GET /fit" => long(8 * MIB - 3),
        "GET /big" => long(8 * MIB),
        _ => Act::Send(bomb.clone()),
    });
    let beyond = "body: body may contain `end`: it is longer than 8 MiB, and the rest is not looked at";
    for (path, expect, expected) in [
        ("/fit", r#"{"not_contains": "end"}"#, "body: body contains `end`"),
        ("/fit", r#"{"not_contains": "stop"}"#, "up"),
        ("/big", r#"{"not_contains": "end"}"#, beyond),
        ("/bomb", r#"{"not_contains": "end"}"#, beyond),
        ("/bomb", "{}", "up"),
    ] {
        let found = check(&site.url(path), &format!(r#"{{"expect": {expect}}}"#)).await;
        assert_eq!(told(&found), expected, "{path} {expect}");
    }
}
