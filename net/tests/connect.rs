//! Connecting to admitted addresses, and only to them.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use net::{Guard, Net, Resolver, Tls};
use tokio::net::TcpListener;

fn net(allow: &[&str]) -> Net {
    let guard = Guard::new(allow.iter().map(|cidr| cidr.parse().unwrap()).collect());
    Net::new(guard, Resolver::with_servers(&[(Ipv4Addr::LOCALHOST, 9).into()]).unwrap(), Tls::new(None).unwrap())
}

async fn closed_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn both_families_of_loopback() {
    let net = net(&["127.0.0.0/8", "::1/128"]);
    for ip in [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)] {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connected = net.connect(&net.admit(&[ip]).unwrap(), address.port()).await.unwrap();
        assert_eq!(connected.address, address);
        assert_eq!(connected.tcp.peer_addr().unwrap(), address);
        assert!(connected.tcp.nodelay().unwrap());
    }
}

#[tokio::test]
async fn a_refused_connection_says_so() {
    let net = net(&["127.0.0.0/8"]);
    let port = closed_port().await;
    let admitted = net.admit(&[Ipv4Addr::LOCALHOST.into(), Ipv4Addr::new(127, 0, 0, 2).into()]).unwrap();
    let error = net.connect(&admitted, port).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("connection refused by 127.0.0.1:{port}; connection refused by 127.0.0.2:{port}")
    );
    assert!(!error.is_ours());
}

#[tokio::test]
async fn after_a_refusal_the_next_address_is_tried_at_once() {
    let net = net(&["127.0.0.0/8"]);
    let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 3), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let three = [1, 2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last).into());
    let started = Instant::now();
    let connected = net.connect(&net.admit(&three).unwrap(), address.port()).await.unwrap();
    assert_eq!(connected.address, address);
    assert!(started.elapsed() < Duration::from_millis(250), "{:?}", started.elapsed());
}

/// A full accept queue answers no SYN: the connection hangs as with a dead host, and stays on loopback.
#[tokio::test]
async fn a_silent_address_gets_a_head_start_only() {
    let net = net(&["127.0.0.0/8"]);
    let silent = tokio::net::TcpSocket::new_v4().unwrap();
    silent.bind((Ipv4Addr::new(127, 0, 0, 4), 0).into()).unwrap();
    let silent = silent.listen(1).unwrap();
    let port = silent.local_addr().unwrap().port();
    let alone = net.admit(&[Ipv4Addr::new(127, 0, 0, 4).into()]).unwrap();
    let mut queued = Vec::new();
    while let Ok(connected) = tokio::time::timeout(Duration::from_millis(200), net.connect(&alone, port)).await {
        queued.push(connected.unwrap());
        assert!(queued.len() < 5_000, "the accept queue never fills");
    }

    let answering = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 5), port)).await.unwrap();
    let both = net.admit(&[Ipv4Addr::new(127, 0, 0, 4).into(), Ipv4Addr::new(127, 0, 0, 5).into()]).unwrap();
    let started = Instant::now();
    let connected = net.connect(&both, port).await.unwrap();
    assert_eq!(connected.address, answering.local_addr().unwrap());
    let elapsed = started.elapsed();
    assert!((Duration::from_millis(240)..Duration::from_secs(3)).contains(&elapsed), "{elapsed:?}");
}
