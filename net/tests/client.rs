//! TLS to a server whose own certificate is what the operator named.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

use std::net::Ipv4Addr;
use std::sync::Arc;

use net::{Tls, TlsError, TlsSettings, client_config};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A certificate, and its key.
struct Own {
    der: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

/// What `openssl req -x509 -subj /CN=db.example` makes: an authority without alternative names.
fn own(until: i32) -> Own {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "db.example");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 2), date_time_ymd(until, 1, 2));
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Own { der: certificate.der().clone(), pem: certificate.pem(), key }
}

/// A server that shows `own`, and a connection to it.
async fn met(own: &Own) -> (TcpStream, JoinSet<()>) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der.clone()], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let _ = TlsAcceptor::from(Arc::new(config)).accept(tcp).await;
    });
    (tcp, server)
}

/// What a driver that trusts `ca` says of the server.
async fn driver(own: &Own, ca: Option<&str>) -> Result<(), String> {
    let (tcp, _server) = met(own).await;
    let connector = TlsConnector::from(Arc::new(client_config(ca).unwrap()));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    connector.connect(name, tcp).await.map(drop).map_err(|why| why.to_string())
}

/// What the dialler that trusts `ca` says of it.
async fn dialler(own: &Own, ca: Option<&str>) -> Result<(), TlsError> {
    let (tcp, _server) = met(own).await;
    Tls::to_server(ca).unwrap().handshake(tcp, "127.0.0.1", &TlsSettings::default()).await.map(drop)
}

#[tokio::test]
async fn a_server_that_is_its_own_authority_is_trusted_as_itself() {
    let (good, other, ended) = (own(2090), own(2090), own(2021));
    assert_eq!(driver(&good, Some(&good.pem)).await, Ok(()));
    assert_eq!(dialler(&good, Some(&good.pem)).await, Ok(()));
    // One of several in the file.
    let both = format!("{}{}", other.pem, good.pem);
    assert_eq!(driver(&good, Some(&both)).await, Ok(()));
    for (shown, ca) in [(&good, None), (&good, Some(&other.pem)), (&ended, Some(&ended.pem))] {
        let ca = ca.map(String::as_str);
        assert!(driver(shown, ca).await.unwrap_err().contains("invalid peer certificate"));
        let why = dialler(shown, ca).await.unwrap_err();
        assert!(matches!(why, TlsError::Untrusted(_) | TlsError::Expired(_)), "{why}");
    }
    assert_eq!(client_config(Some("no pem")).unwrap_err().field, "ca");
}
