//! TCP ports that behave and misbehave, each in one way.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use net::Resolver;
use probe::check::{Checker, Finding, Settings};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use wire::{Reason, Verdict};

use crate::{
    NOW, check_with, hasty,
    names::knows_nobody,
    phases,
    secure::Authority,
    settings,
    site::{listen, wait_for_close},
    told, work,
};

/// A port whose connections each go through `serve`.
fn port(serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    port_on("127.0.0.1:0", serve)
}

fn port_on(address: &str, serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    listen(address, move |mut tcp| drop(serve(&mut tcp))).unwrap()
}

/// Says this and waits for the other side to close.
fn says(text: &'static [u8]) -> SocketAddr {
    port(move |tcp| {
        tcp.write_all(text)?;
        wait_for_close(tcp);
        Ok(())
    })
}

/// Says this and closes.
fn says_and_closes(text: &'static [u8]) -> SocketAddr {
    port(move |tcp| tcp.write_all(text))
}

/// Says this byte by byte and closes.
fn says_slowly(text: &'static [u8]) -> SocketAddr {
    port(move |tcp| {
        text.chunks(1).try_for_each(|byte| {
            std::thread::sleep(Duration::from_millis(2));
            tcp.write_all(byte)
        })
    })
}

/// Says back what it is told.
fn echoes() -> SocketAddr {
    port(|tcp| {
        let mut told = [0; 1_024];
        loop {
            match tcp.read(&mut told)? {
                0 => return Ok(()),
                read => tcp.write_all(&told[..read])?,
            }
        }
    })
}

/// Closes with something unread: the kernel sends a reset.
fn resets(text: &'static [u8]) -> SocketAddr {
    port(move |tcp| {
        let _ = tcp.read(&mut [0; 1])?;
        tcp.write_all(text)
    })
}

/// A port nobody listens on.
fn deserted() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_table_tells_it() {
    let silent = says(b"");
    let mail = says(b"220 mail.example ESMTP\r\n");
    let closed = says_and_closes(b"");
    let garbage = says(b"\xff\xfe\x00\x1b garbage");
    let endless = port(|tcp| {
        loop {
            tcp.write_all(&[b'x'; 8_192])?;
        }
    });
    let refused = deserted();
    let cases: Vec<(SocketAddr, Value, String, &str)> = vec![
        (refused, json!({}), format!("connect: connection refused by {refused}"), "connect"),
        (silent, json!({}), "up".into(), "connect"),
        (mail, json!({}), "up".into(), "connect"),
        (closed, json!({}), "up".into(), "connect"),
        (silent, json!({"send": "QUIT\r\n"}), "up".into(), "connect processing"),
        (silent, json!({"expect": "220"}), "timeout_response: no response within 1 s".into(), "connect processing"),
        (mail, json!({"expect": "ESMTP"}), "up".into(), "connect processing transfer"),
        (mail, json!({"starts_with": "220 "}), "up".into(), "connect processing transfer"),
        (mail, json!({"expect": {"hex": "45 53 4d 54 50 0d 0a"}}), "up".into(), "connect processing transfer"),
        (
            says_slowly(b"220 mail ESMTP\r\n"),
            json!({"starts_with": "220 ", "expect": "ESMTP"}),
            "up".into(),
            "connect processing transfer",
        ),
        (
            mail,
            json!({"starts_with": "SSH-"}),
            r"answer: answer `220 mail.example ESMTP\r\n` does not begin with `SSH-`".into(),
            "connect processing transfer",
        ),
        (
            mail,
            json!({"expect": "STARTTLS"}),
            r"answer: answer `220 mail.example ESMTP\r\n` does not contain `STARTTLS` within 1 s".into(),
            "connect processing transfer",
        ),
        (
            says_and_closes(b"421 busy\r\n"),
            json!({"expect": "220"}),
            r"answer: answer `421 busy\r\n` does not contain `220`, and the server closed the connection".into(),
            "connect processing transfer",
        ),
        (
            says_and_closes(b"22"),
            json!({"starts_with": "220"}),
            "answer: answer `22` does not begin with `220`, and the server closed the connection".into(),
            "connect processing transfer",
        ),
        (
            closed,
            json!({"expect": "220"}),
            "protocol: the server closed the connection without an answer".into(),
            "connect processing",
        ),
        (
            resets(b""),
            json!({"send": "hello", "expect": "220"}),
            "protocol: the server reset the connection before it answered".into(),
            "connect processing",
        ),
        (
            garbage,
            json!({"starts_with": {"hex": "00"}}),
            r"answer: answer `\xff\xfe\x00\x1b garbage` does not begin with `\x00`".into(),
            "connect processing transfer",
        ),
        (garbage, json!({"starts_with": {"hex": "fffe00"}}), "up".into(), "connect processing transfer"),
        (
            endless,
            json!({"expect": "needle"}),
            format!("answer: answer `{}…` does not contain `needle` in its first 64 KiB", "x".repeat(60)),
            "connect processing transfer",
        ),
        (echoes(), json!({"send": "PING\r\n", "expect": "PING"}), "up".into(), "connect processing transfer"),
        (
            echoes(),
            json!({"send": {"hex": "00ff"}, "starts_with": {"hex": "00ff"}}),
            "up".into(),
            "connect processing transfer",
        ),
        (silent, json!({"tls": true}), "timeout_tls: TLS handshake not finished within 1 s".into(), "connect tls"),
    ];
    for (address, tcp, expected, measured) in cases {
        let found = hasty(&format!("tcp://{address}"), &json!({ "tcp": tcp }).to_string()).await;
        assert_eq!((told(&found), phases(&found).as_str()), (expected, measured), "{tcp}");
        assert_eq!((found.address, found.http_status), (Some(address.ip()), None), "{tcp}");
    }
}

#[tokio::test]
async fn what_closes_at_once_is_no_handshake() {
    let found = hasty(&format!("tcp://{}", says_and_closes(b"")), r#"{"tcp": {"tls": true}}"#).await;
    assert!(told(&found).starts_with("tls: the server "), "{found:?}");
    let found = hasty(&format!("tcp://{}", says(b"220 mail\r\n")), r#"{"tcp": {"tls": true}}"#).await;
    assert_eq!((found.reason, phases(&found).as_str()), (Some(Reason::Tls), "connect tls"), "{found:?}");
}

#[tokio::test]
async fn an_ipv6_address_and_a_name() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let address = listener.local_addr().unwrap();
    assert_eq!(told(&hasty(&format!("tcp://{address}"), "{}").await), "up");
    let found = hasty(&format!("tcp://LOCALHOST:{}", says(b"").port()), "{}").await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "resolve connect"));
}

#[tokio::test]
async fn a_name_that_leads_nowhere() {
    let checker = Checker::with_resolver(settings(), Resolver::with_servers(&[knows_nobody()]).unwrap()).unwrap();
    let found = checker.check(&work("tcp://no.such.example:25", "{}"), NOW).await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("dns: no such host: no.such.example", "resolve"));
}

#[tokio::test]
async fn an_address_that_may_not_be_visited() {
    let address = says(b"secret");
    // One written as only a resolver or an old library would read it is the same address.
    for host in ["127.0.0.1", "127.1", "0x7f000001"] {
        let url = format!("tcp://{host}:{}", address.port());
        let found = check_with(Settings { allow: Vec::new(), ..settings() }, &url, r#"{"tcp": {"expect": "s"}}"#).await;
        assert_eq!((found.reason, found.evidence.unwrap().body), (Some(Reason::RefusedAddress), None), "{url}");
    }
}

/// Shakes hands with what `authority` signed for `name`, says `text`, and waits.
fn encrypted(authority: &Authority, name: &str, until: i32, text: &'static [u8]) -> SocketAddr {
    let tls = Arc::new(authority.server(name, until));
    port(move |tcp| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&tls)).unwrap(), tcp.try_clone()?);
        stream.write_all(text)?;
        stream.flush()?;
        wait_for_close(&mut stream);
        Ok(())
    })
}

#[tokio::test]
async fn certificates_good_and_bad() {
    let authority = Authority::new();
    let good = encrypted(&authority, "localhost", 2090, b"* OK ready\r\n");
    let expired = encrypted(&authority, "localhost", 2021, b"");
    let misnamed = encrypted(&authority, "other.example", 2090, b"");
    let check = async |address: SocketAddr, spec: Value| -> Finding {
        authority.check(&format!("tcp://localhost:{}", address.port()), &spec.to_string()).await
    };
    let found = check(good, json!({"tcp": {"tls": true, "starts_with": "* OK"}})).await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "resolve connect tls processing transfer"));
    assert_eq!(found.tls.as_ref().map(|facts| (facts.subject.as_str(), facts.alpn.clone())), Some(("Test Site", None)));
    for (address, reason) in [(expired, Reason::TlsExpired), (misnamed, Reason::TlsHostname)] {
        let found = check(address, json!({"tcp": {"tls": true}})).await;
        assert_eq!((found.reason, phases(&found).as_str()), (Some(reason), "resolve connect tls"), "{found:?}");
        assert!(found.evidence.unwrap().certificate.is_some());
        assert_eq!(told(&check(address, json!({"tcp": {"tls": true}, "tls": {"verify": false}})).await), "up");
    }
    let untrusted = hasty(&format!("tcp://localhost:{}", good.port()), r#"{"tcp": {"tls": true}}"#).await;
    assert_eq!(untrusted.reason, Some(Reason::TlsUntrusted), "{untrusted:?}");
}

#[tokio::test]
async fn what_degrades() {
    let authority = Authority::new();
    let port = encrypted(&authority, "localhost", 2090, b"").port();
    let days = json!({"tcp": {"tls": true}, "expect": {"min_cert_days": 3_650}});
    let found = authority.check(&format!("tcp://localhost:{port}"), &days.to_string()).await;
    assert_eq!(told(&found), "up");
    let plain = hasty(&format!("tcp://{}", says(b"")), r#"{"expect": {"min_cert_days": 1}}"#).await;
    assert_eq!((plain.verdict, plain.reason), (Verdict::Degraded, Some(Reason::CertificateDays)));
    let slow = r#"{"tcp": {"expect": "late"}, "expect": {"max_latency_ms": 1}}"#;
    let found = hasty(&format!("tcp://{}", says_slowly(b"too late")), slow).await;
    assert_eq!((found.verdict, found.reason), (Verdict::Degraded, Some(Reason::Latency)), "{found:?}");
}

#[tokio::test]
async fn evidence_is_what_was_said() {
    let long = vec![b'y'; 20_000].leak();
    let spec = r#"{"tcp": {"send": "HELO\r\n", "expect": "x"}}"#;
    let evidence = hasty(&format!("tcp://{}", says_and_closes(long)), spec).await.evidence.unwrap();
    assert_eq!((evidence.request.as_str(), evidence.response_head), ("HELO\\r\n", None));
    assert_eq!((evidence.body.unwrap().len(), evidence.body_cut), (wire::Evidence::BODY_MAX, true));
    let evidence = hasty(&format!("tcp://{}", deserted()), spec).await.evidence.unwrap();
    assert_eq!(evidence.body, None);
}
