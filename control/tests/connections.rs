//! Clients that hold on to connections: heads that never end, readers that never read. Others are served all the same.

#![allow(clippy::unwrap_used, reason = "a test says where it fails")]

mod support;

use std::{net::SocketAddr, time::Duration};

use support::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

const HALF: &[u8] = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\nX-";
const WHOLE: &str = "GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(20);

fn address(server: &Server) -> SocketAddr {
    server.url().trim_start_matches("http://").parse().unwrap()
}

async fn connect(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    // Small, so that a reader who does not read is noticed soon.
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    timeout(PATIENCE, socket.connect(to)).await.unwrap().unwrap()
}

/// Heads that never end. Those of one address beyond its share are cut off, which is an error to some of the writes.
async fn half_open(count: usize, from: &str, to: SocketAddr) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..count {
        let mut stream = connect(from, to).await;
        let _ = stream.write_all(HALF).await;
        open.push(stream);
    }
    open
}

/// Asks once, with a connection of its own; the status line.
async fn served(from: &str, to: SocketAddr) -> String {
    let mut stream = connect(from, to).await;
    stream.write_all(WHOLE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// Whether the other end has closed it.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    matches!(timeout(Duration::from_millis(1), stream.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn one_address_does_not_lock_the_others_out() {
    let server = Server::start();
    let to = address(&server);
    let mut open = half_open(5_000, "127.0.0.1", to).await;
    assert!(served("127.0.0.2", to).await.starts_with("HTTP/1.1 200 "));
    let mut held = 0;
    for stream in &mut open {
        held += usize::from(!is_closed(stream).await);
    }
    assert!((1..=512).contains(&held), "{held}");
    assert!(server.log().contains("http.trusted_proxies"), "it says what an operator with a proxy has to do");
}

#[tokio::test]
async fn who_is_silent_makes_room_for_who_speaks() {
    let server = Server::start_with(&[("UPGUARD_HTTP__CONNECTIONS", "50"), ("UPGUARD_HTTP__CONNECTIONS_EACH", "0")]);
    let to = address(&server);
    let _open = half_open(200, "127.0.0.1", to).await;
    for _ in 0..3 {
        assert!(served("127.0.0.1", to).await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn who_reads_nothing_is_dropped_and_who_reads_slowly_is_not() {
    let server = Server::start_with(&[("UPGUARD_HTTP__STALL", "1s")]);
    let to = address(&server);
    let (mut never, mut slow) = (connect("127.0.0.1", to).await, connect("127.0.0.2", to).await);
    never.write_all(WHOLE.repeat(100).as_bytes()).await.unwrap();
    let asked = WHOLE.repeat(4) + &WHOLE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    slow.write_all(asked.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    let mut part = vec![0; 32 * 1024];
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let read = slow.read(&mut part).await.unwrap();
        if read == 0 {
            break;
        }
        answers.extend_from_slice(&part[..read]);
        assert!(Instant::now() < deadline, "{} bytes so far", answers.len());
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(String::from_utf8_lossy(&answers).matches("HTTP/1.1 200 OK").count(), 5);
    // A socket that was closed answers what is written to it with a reset.
    while never.write_all(b"\r\n").await.is_ok() {
        assert!(Instant::now() < deadline, "it is still held");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_head_has_64_kib() {
    let server = Server::start();
    let mut stream = connect("127.0.0.1", address(&server)).await;
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(70 * 1024));
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
}
