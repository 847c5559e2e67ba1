//! Servers that speak what we do not.

use super::*;

/// A server that sends the first of these to whoever offers TLS 1.3, and the second to older clients.
async fn old_server(to_us: &'static [u8], to_older: Vec<u8>) -> TlsError {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4096];
            let read = tcp.read(&mut hello).await.unwrap();
            // The extension `supported_versions` with TLS 1.3 in it.
            let is_new = hello[..read].windows(2).any(|bytes| bytes == [0x03, 0x04]);
            let _ = tcp.write_all(if is_new { to_us } else { &to_older }).await;
            let _ = tcp.shutdown().await;
            let _ = tcp.read(&mut hello).await;
        }
    });
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let resolver = Resolver::with_servers(&[(Ipv4Addr::LOCALHOST, 9).into()]).unwrap();
    let net = Net::new(guard, resolver, Tls::new(None).unwrap());
    let connected = net.connect(&net.admit(&[address.ip()]).unwrap(), address.port()).await.unwrap();
    net.handshake_shown(connected.tcp, "a.example", &TlsSettings::default()).await.unwrap_err().error
}

#[tokio::test]
async fn what_only_older_clients_can_speak_is_our_limit() {
    const REFUSED: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
    const VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
    let agreed = |version: u8, cipher: [u8; 2]| {
        let hello = [&[2, 0, 0, 38, 3, version][..], &[7; 32], &[0], &cipher, &[0]].concat();
        [&[22, 3, version, 0, hello.len() as u8][..], &hello].concat()
    };
    for (to_us, to_older, expected) in [
        (REFUSED, agreed(3, [0xc0, 0x28]), "nothing newer than CBC ciphers (cipher 0xc028), which probes do not speak"),
        (b"", agreed(3, [0xc0, 0x13]), "nothing newer than CBC ciphers (cipher 0xc013), which probes do not speak"),
        (
            REFUSED,
            agreed(3, [0, 0x2f]),
            "nothing newer than RSA key exchange (cipher 0x002f), which probes do not speak",
        ),
        (
            REFUSED,
            agreed(3, [0, 0x9f]),
            "nothing newer than finite-field key exchange (DHE) (cipher 0x009f), which probes do not speak",
        ),
        (REFUSED, agreed(3, [0, 0x0a]), "nothing newer than 3DES or RC4 (cipher 0x000a), which probes do not speak"),
        (
            REFUSED,
            agreed(3, [0xc0, 0x2f]),
            "nothing newer than a key exchange (cipher 0xc02f), which probes do not speak",
        ),
        (VERSION, agreed(1, [0, 0x2f]), "TLS 1.0 alone, and probes speak 1.3 and 1.2"),
        (VERSION, agreed(2, [0, 0x2f]), "TLS 1.1 alone, and probes speak 1.3 and 1.2"),
    ] {
        let error = old_server(to_us, to_older).await;
        assert_eq!(error, TlsError::Unsupported(format!("the server speaks {expected}")));
    }
    // Who refuses older clients too has another trouble.
    for (to_us, to_older) in [(REFUSED, REFUSED), (REFUSED, b""), (REFUSED, b"HTTP/1.1 400 Bad Request\r\n\r\n")] {
        let error = old_server(to_us, to_older.to_vec()).await;
        assert!(
            matches!(&error, TlsError::Other(why) if why.starts_with("the server refused the handshake")),
            "{error}"
        );
    }
}
