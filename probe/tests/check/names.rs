//! Names: resolved, not resolved, and not resolved in time.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use net::Resolver;
use probe::check::{Checker, Finding, Settings};
use wire::Reason;

use crate::{
    NOW, check, phases, settings,
    site::{Site, ok},
    told, work,
};

/// Through this name server alone.
async fn asking(server: SocketAddr, url: &str) -> Finding {
    let settings = Settings { max_timeout: Duration::from_secs(1), ..settings() };
    let checker = Checker::with_resolver(settings, Resolver::with_servers(&[server]).unwrap()).unwrap();
    checker.check(&work(url, "{}"), NOW).await
}

/// A name server that answers that there is no such name.
pub(crate) fn knows_nobody() -> SocketAddr {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = server.recv_from(&mut question) {
            // The question sent back as an answer: NXDOMAIN.
            question[2..4].copy_from_slice(&[0x81, 0x83]);
            let _ = server.send_to(&question[..length], from);
        }
    });
    address
}

#[tokio::test]
async fn a_name_is_looked_up_and_timed() {
    let site = Site::new(|_| ok("x"));
    let found = check(&format!("http://localhost:{}/", site.address.port()), "{}").await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "resolve connect processing transfer"));
    assert!(site.requests()[0].contains(&format!("Host: localhost:{}\r\n", site.address.port())));
}

#[tokio::test]
async fn a_silent_name_server() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let found = asking(address, "http://a.example/").await;
    // It never said anything: that is no word about the site.
    assert_eq!(told(&found), format!("unsupported: no name server has ever answered this probe (asked: {address})"));
    assert_eq!(found.verdict, wire::Verdict::Missed);
    assert_eq!((phases(&found).as_str(), found.address), ("resolve", None));
}

#[tokio::test]
async fn a_name_server_that_falls_silent() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = server.recv_from(&mut question) {
            if question[..length].windows(5).any(|name| name == b"known") {
                question[2..4].copy_from_slice(&[0x81, 0x83]);
                let _ = server.send_to(&question[..length], from);
            }
        }
    });
    let settings = Settings { max_timeout: Duration::from_secs(1), ..settings() };
    let checker = Checker::with_resolver(settings, Resolver::with_servers(&[address]).unwrap()).unwrap();
    let said = |host: &'static str| {
        let checker = checker.clone();
        async move { told(&checker.check(&work(&format!("http://{host}/"), "{}"), NOW).await) }
    };
    assert_eq!(said("known.example").await, "dns: no such host: known.example");
    assert_eq!(said("other.example").await, "timeout_dns: name was not resolved within 1 s");
}

#[tokio::test]
async fn no_such_host() {
    let found = asking(knows_nobody(), "http://no.such.example/").await;
    assert_eq!((found.reason, phases(&found).as_str()), (Some(Reason::Dns), "resolve"), "{found:?}");
    assert_eq!(told(&found), "dns: no such host: no.such.example");
}
