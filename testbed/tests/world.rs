//! The world, seen by clients that know nothing of it.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use testbed::world::{Behaviour, Shown, World};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

async fn ask(mut socket: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> std::io::Result<String> {
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn get(url: &str) -> std::io::Result<String> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    ask(TcpStream::connect(host).await?, &format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn paths_behave_as_they_say() {
    let world = World::start().await.unwrap();
    let at = |path: &str| format!("{}{path}", world.http());
    assert_eq!(status(&get(&at("/up")).await.unwrap()), "200");
    assert_eq!(status(&get(&at("/status/503")).await.unwrap()), "503");
    assert!(get(&at("/body?text=hello+world")).await.unwrap().ends_with("\r\n\r\nhello world"));
    assert!(get(&at("/redirect?to=/up")).await.unwrap().contains("\r\nLocation: /up\r\n"));
    let big = get(&at("/big?bytes=100001")).await.unwrap();
    assert_eq!(big.split_once("\r\n\r\n").unwrap().1.len(), 100_001);
    let asked = Instant::now();
    assert_eq!(status(&get(&at("/slow?ms=300")).await.unwrap()), "200");
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert_eq!(world.requests(), 6);
}

#[tokio::test]
async fn some_sites_never_answer() {
    let world = World::start().await.unwrap();
    let at = |path: &str| format!("{}{path}", world.http());
    assert_eq!(get(&at("/close")).await.unwrap(), "");
    assert_eq!(get(&at("/reset")).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(timeout(Duration::from_millis(300), get(&at("/hang"))).await.is_err());
    let mut socket = TcpStream::connect(world.http().strip_prefix("http://").unwrap()).await.unwrap();
    socket.write_all(b"GET /stall HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut head = [0; 15];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 As");
    world.stop().await;
}

#[tokio::test]
async fn a_site_does_what_its_handle_says_and_counts() {
    let world = World::start().await.unwrap();
    let site = world.site("shop");
    assert_eq!(status(&get(site.url()).await.unwrap()), "200");
    world.site("shop").answer(503);
    assert_eq!(status(&get(site.url()).await.unwrap()), "503");
    site.delay(Duration::from_millis(200));
    let asked = Instant::now();
    assert_eq!(status(&get(site.url()).await.unwrap()), "503");
    assert!(asked.elapsed() >= Duration::from_millis(200));
    site.behave(Behaviour::Close);
    assert_eq!(get(site.url()).await.unwrap(), "");
    site.stumble();
    assert_eq!(status(&get(site.url()).await.unwrap()), "503");
    assert_eq!(get(site.url()).await.unwrap(), "");
    assert_eq!(site.requests(), 6);
    assert_eq!(status(&get(&format!("{}/site/nobody", world.http())).await.unwrap()), "404");
}

#[tokio::test]
async fn a_body_is_read_before_the_answer() {
    let world = World::start().await.unwrap();
    let host = world.http().strip_prefix("http://").unwrap().to_owned();
    let body = "y".repeat(200_000);
    let request = format!("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let socket = TcpStream::connect(host).await.unwrap();
    assert_eq!(status(&ask(socket, &request).await.unwrap()), "200");
}

#[tokio::test]
async fn tls_shows_one_good_certificate_and_every_bad_one() {
    let world = World::start().await.unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(world.ca_pem().as_bytes()).unwrap()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    for (shown, complaint) in [
        (Shown::Good, None),
        (Shown::EndsSoon, None),
        (Shown::Expired, Some("expired")),
        (Shown::SelfSigned, Some("UnknownIssuer")),
        (Shown::WrongHost, Some("not valid for name")),
    ] {
        let url = world.https(shown);
        let port = url.strip_prefix("https://localhost:").unwrap();
        let tcp = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
        let handshake = connector.connect(ServerName::try_from("localhost").unwrap(), tcp).await;
        match (handshake, complaint) {
            (Ok(tls), None) => {
                let answer = ask(tls, "GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
                assert_eq!(status(&answer), "200");
            }
            (Err(why), Some(complaint)) => assert!(why.to_string().contains(complaint), "{shown:?}: {why}"),
            (got, _) => panic!("{shown:?}: {:?}", got.map(drop)),
        }
    }
}
