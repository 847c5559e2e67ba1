//! Where and how a check can fail, and that the finding names that place.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

use tokio::net::TcpSocket;
use wire::Reason;

use crate::{
    check, hasty, phases,
    site::{Act, Site, listen, moved, send, wait_for_close},
    told,
};

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let found = check(&format!("http://{address}/"), "{}").await;
    assert_eq!(told(&found), format!("connect: connection refused by {address}"));
    assert_eq!((phases(&found).as_str(), found.address, found.starved), ("connect", Some(address.ip()), false));
}

#[tokio::test]
async fn broken_responses() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(300_000));
    let cases: Vec<(&str, &str)> = vec![
        ("", "the server closed the connection without an answer"),
        ("HTTP/1.1 200", "the server closed the connection inside the response head"),
        ("HTTP/1.1 200 OK\r\nServer: x\r\n", "the server closed the connection inside the response head"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP/1: it begins with `SSH-2.0-OpenSSH_9.2\\r\\n`"),
        ("<html>hello</html>", "the answer is not HTTP/1: it begins with `<html>hello</html>`"),
        ("HTTP/2.0 200 OK\r\n\r\n", "the answer is not HTTP/1: it begins with `HTTP/2.0 200 OK\\r\\n\\r\\n`"),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}F", "the server speaks TLS on this port: write https://"),
        ("HTTP/1.1 abc\r\n\r\n", "the response head cannot be used: its status is no number from 100 to 999"),
        (&long, "the response head is too long: more than 256 KiB, or more than 5,000 lines"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "the response head cannot be used: its Content-Length is no number, or says two things",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "the body is shorter than announced"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "the body is shorter than announced"),
    ];
    for (sent, expected) in cases {
        let answer = sent.to_owned();
        let site = Site::new(move |_| send(answer.clone()));
        let found = check(&site.url("/"), "{}").await;
        assert_eq!(told(&found), format!("protocol: {expected}"), "{:.99}", sent);
    }
    let site = Site::new(|_| send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"));
    let found = check(&site.url("/"), "{}").await;
    assert_eq!(told(&found), "protocol: the body cannot be read: its chunks are malformed");
    assert_eq!((found.http_status, phases(&found).as_str()), (Some(200), "connect processing transfer"));
}

/// Closing with something unread makes the kernel send a reset.
fn reset_after(sent: &'static [u8]) -> SocketAddr {
    let each = move |mut tcp: TcpStream| {
        let _ = tcp.read(&mut [0; 1]);
        let _ = tcp.write_all(sent);
    };
    listen("127.0.0.1:0", each).unwrap()
}

#[tokio::test]
async fn resets() {
    let found = check(&format!("http://{}/", reset_after(b"")), "{}").await;
    assert_eq!(told(&found), "protocol: the server reset the connection before it answered");
    for sent in [&b"HTTP/1.1 200 OK\r\n"[..], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"] {
        let found = check(&format!("http://{}/", reset_after(sent)), "{}").await;
        assert!(told(&found).starts_with("protocol: the server reset the connection "), "{found:?}");
    }
}

#[tokio::test]
async fn closed_at_once() {
    let address = listen("127.0.0.1:0", drop).unwrap();
    let found = check(&format!("http://{address}/"), "{}").await;
    // Whether the close or our request was first is up to the kernel.
    assert!(told(&found).starts_with("protocol: the server "), "{found:?}");
    let found = check(&format!("https://{address}/"), "{}").await;
    assert!(told(&found).starts_with("tls: the server "), "{found:?}");
}

#[tokio::test]
async fn the_deadline_names_the_place() {
    let silent = listen("127.0.0.1:0", |mut tcp| wait_for_close(&mut tcp)).unwrap();
    let body = Site::new(|_| Act::Hold(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsho".to_vec()));
    let head = Site::new(|_| Act::Hold(b"HTTP/1.1 200 OK\r\nServer: ".to_vec()));
    let cases = [
        (format!("http://{silent}/"), "timeout_response: no response within 1 s", "connect processing", None),
        (format!("https://{silent}/"), "timeout_tls: TLS handshake not finished within 1 s", "connect tls", None),
        (head.url("/"), "timeout_response: no response within 1 s", "connect processing", None),
        (body.url("/"), "timeout_body: body not finished within 1 s", "connect processing transfer", Some(200)),
    ];
    for (url, expected, measured, status) in cases {
        let found = hasty(&url, "{}").await;
        assert_eq!((told(&found).as_str(), phases(&found).as_str(), found.http_status), (expected, measured, status));
        let total = found.phases.total().as_secs_f64();
        assert!((0.9..2.0).contains(&total), "{found:?}");
    }
}

#[tokio::test]
async fn the_deadline_while_connecting() {
    // A full backlog: the kernel leaves further handshakes without an answer.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first = TcpStream::connect(address).unwrap();
    let found = hasty(&format!("http://{address}/"), "{}").await;
    assert_eq!(found.reason, Some(Reason::TimeoutConnect), "{found:?}");
    assert_eq!(phases(&found), "connect");
}

#[tokio::test]
async fn one_deadline_for_all_redirects() {
    let slowly = |to| {
        std::thread::sleep(Duration::from_millis(300));
        moved(302, to)
    };
    let site = Site::new(move |request| match &request[..6] {
        "GET / " => slowly("/1"),
        "GET /1" => slowly("/2"),
        _ => Act::Hold(Vec::new()),
    });
    let found = hasty(&site.url("/"), "{}").await;
    assert_eq!((told(&found).as_str(), found.redirects), ("timeout_response: no response within 1 s", 2));
    // With a deadline for each hop it would be 1.6 s.
    assert!(found.phases.total().as_secs_f64() < 1.4, "{found:?}");
}

#[tokio::test]
async fn nothing_outlives_the_check() {
    let (closed, noticed) = mpsc::channel();
    let each = move |mut tcp: TcpStream| {
        wait_for_close(&mut tcp);
        closed.send(()).unwrap();
    };
    let address = listen("127.0.0.1:0", each).unwrap();
    // Here the deadline is the spec's own.
    let found = check(&format!("http://{address}/"), r#"{"timeout": 1}"#).await;
    assert_eq!(found.reason, Some(Reason::TimeoutResponse), "{found:?}");
    noticed.recv_timeout(Duration::from_secs(10)).expect("the connection is closed with the check");
}
