//! Handshakes with a real server and certificates good and bad.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

mod older;
mod paths;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use net::{Guard, Net, Resolver, Tls, TlsConnection, TlsError, TlsSettings, authorities};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, server::WebPkiClientVerifier};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use paths::critical;

type Authority = CertifiedIssuer<'static, KeyPair>;
type Server = rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for these names, valid between two years.
fn params(names: &[&str], years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = date_time_ymd(years.0, 1, 2);
    params.not_after = date_time_ymd(years.1, 1, 2);
    params
}

const NOW: (i32, i32) = (2020, 2090);

/// A leaf of the authority, as a server's chain and key.
fn signed(authority: &Authority, params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, authority).unwrap();
    Identity { chain: vec![leaf.der().clone()], pem: leaf.pem(), key }
}

fn self_signed(params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let leaf = params.self_signed(&key).unwrap();
    Identity { chain: vec![leaf.der().clone()], pem: leaf.pem(), key }
}

struct Identity {
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    pem: String,
    key: KeyPair,
}

impl Identity {
    fn server(&self, builder: Server) -> ServerConfig {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        // As it stands: the usual way would look into the certificate.
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let own = rustls::sign::CertifiedKey::new(self.chain.clone(), key);
        builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(own)))
    }
}

fn builder(versions: &[&'static SupportedProtocolVersion]) -> Server {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
}

fn plain(identity: &Identity) -> ServerConfig {
    identity.server(builder(rustls::ALL_VERSIONS))
}

/// Trusting this authority or self-signed certificate beside the compiled-in roots.
fn trusting(pem: &str) -> TlsSettings {
    TlsSettings { extra_ca_pem: Some(pem.into()), ..TlsSettings::default() }
}

/// One handshake with a server of this configuration on `ip`, greeting it as `host`. The server sends "hi".
async fn greet(
    ip: IpAddr,
    host: &str,
    config: ServerConfig,
    tls: &Tls,
    settings: &TlsSettings,
) -> Result<TlsConnection, TlsError> {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut server = JoinSet::new();
    server.spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(tcp).await {
            let _ = stream.write_all(b"hi").await;
            let _ = stream.shutdown().await;
        }
    });
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    let net = Net::new(guard, Resolver::with_servers(&[(Ipv4Addr::LOCALHOST, 9).into()]).unwrap(), tls.clone());
    let connected = net.connect(&net.admit(&[ip]).unwrap(), port).await.unwrap();
    let result = net.handshake(connected.tcp, host, settings).await;
    server.join_all().await;
    result
}

async fn greet_v4(host: &str, config: ServerConfig, settings: &TlsSettings) -> Result<TlsConnection, TlsError> {
    greet(Ipv4Addr::LOCALHOST.into(), host, config, &Tls::new(None).unwrap(), settings).await
}

#[tokio::test]
async fn a_good_chain_shows_its_facts() {
    let authority = authority("House CA");
    // The authority is presented too and expires later: the earliest expiry is the leaf's.
    let mut identity = signed(&authority, &params(&["a.example"], (2020, 2080)));
    identity.chain.push(authority.der().clone());
    let mut config = plain(&identity);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let settings = TlsSettings { alpn: vec!["http/1.1".into()], ..trusting(&authority.pem()) };

    let mut connection = greet_v4("a.example", config, &settings).await.unwrap();
    let facts = connection.facts.as_ref().unwrap();
    assert_eq!(facts.version, "TLSv1.3");
    assert!(facts.cipher.starts_with("TLS13_"), "{}", facts.cipher);
    assert_eq!(facts.alpn.as_deref(), Some("http/1.1"));
    assert_eq!(facts.not_after, date_time_ymd(2080, 1, 2).unix_timestamp());
    assert_eq!((facts.subject.as_str(), facts.issuer.as_str()), ("a.example", "House CA"));
    let leaf = connection.leaf.facts().unwrap();
    assert_eq!((leaf.subject.as_str(), leaf.issuer.as_str()), ("", "CN=House CA"));
    assert_eq!((leaf.not_before, leaf.not_after), (date_time_ymd(2020, 1, 2).unix_timestamp(), facts.not_after));
    assert_eq!(leaf.names, ["a.example"]);
    let mut heard = String::new();
    connection.stream.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "hi");
}

#[tokio::test]
async fn tls_1_2_an_operators_authority_and_addresses() {
    let authority = authority("House CA");
    let tls = Tls::new(Some(&authority.pem())).unwrap();
    let identity = signed(&authority, &params(&["127.0.0.1", "::1"], NOW));
    for (ip, host) in [
        (IpAddr::from(Ipv4Addr::LOCALHOST), "127.0.0.1"),
        (Ipv6Addr::LOCALHOST.into(), "[::1]"),
        (Ipv6Addr::LOCALHOST.into(), "::1"),
    ] {
        let config = identity.server(builder(&[&rustls::version::TLS12]));
        let connection = greet(ip, host, config, &tls, &TlsSettings::default()).await.unwrap();
        assert_eq!(connection.facts.unwrap().version, "TLSv1.2");
    }
}

#[tokio::test]
async fn every_bad_certificate_has_its_name() {
    use TlsError::{Expired, Hostname, Untrusted};
    let house = authority("House CA");
    let stranger = authority("Stranger CA");
    let trust = trusting(&house.pem());
    let mut own_authority = params(&["a.example"], NOW);
    own_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let table = [
        (signed(&house, &params(&["a.example"], (2019, 2021))), Expired("certificate expired 2021-01-02".into())),
        (
            signed(&house, &params(&["a.example"], (2080, 2090))),
            Expired("certificate is not valid before 2080-01-02".into()),
        ),
        (signed(&house, &params(&["b.example"], NOW)), Hostname("certificate is for b.example, not a.example".into())),
        (
            signed(&house, &params(&[], NOW)),
            Hostname("certificate names no host (no subjectAltName), so it is not for a.example".into()),
        ),
        (
            signed(&house, &params(&["b", "c", "d", "e", "127.0.0.1"], NOW)),
            Hostname("certificate is for b, c, d, e, …, not a.example".into()),
        ),
        (signed(&house, &params(&["127.0.0.1"], NOW)), Hostname("certificate is for 127.0.0.1, not a.example".into())),
        (
            signed(&stranger, &params(&["a.example"], NOW)),
            Untrusted("issuer unknown: Stranger CA (the server sent no intermediate certificate)".into()),
        ),
        (self_signed(&params(&["a.example"], NOW)), Untrusted("issuer unknown: self-signed".into())),
        (self_signed(&own_authority), Untrusted("issuer unknown: self-signed".into())),
    ];
    let mut odd = params(&["a.example"], NOW);
    odd.custom_extensions.push(critical(&[1, 3, 6, 1, 4, 1, 99_999, 1], &[5, 0]));
    let lax = TlsSettings { verify: false, ..TlsSettings::default() };
    for versions in [rustls::ALL_VERSIONS, &[&rustls::version::TLS12]] {
        greet_v4("a.example", signed(&stranger, &odd).server(builder(versions)), &lax).await.unwrap();
    }
    for (identity, expected) in table {
        assert_eq!(greet_v4("a.example", plain(&identity), &trust).await.unwrap_err(), expected);
        greet_v4("a.example", plain(&identity), &lax).await.unwrap();
        let old = identity.server(builder(&[&rustls::version::TLS12]));
        greet_v4("a.example", old, &lax).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_certificate_can_be_shown() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = plain(&self_signed(&params(&["a.example", "127.0.0.1", "::1"], (2019, 2021))));
    let mut server = JoinSet::new();
    server.spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let _ = TlsAcceptor::from(Arc::new(config)).accept(tcp).await;
    });
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let tls = Tls::new(None).unwrap();
    let unsecured = tls.handshake_shown(tcp, "a.example", &TlsSettings::default()).await.unwrap_err();
    server.join_all().await;
    assert!(matches!(unsecured.error, TlsError::Untrusted(_) | TlsError::Expired(_)), "{unsecured:?}");
    let leaf = unsecured.leaf.unwrap().facts().unwrap();
    assert_eq!(leaf.names, ["a.example", "127.0.0.1", "::1"]);
    assert_eq!(leaf.not_after, date_time_ymd(2021, 1, 2).unix_timestamp());
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_trusted_word_for_word() {
    let mut own_authority = params(&["a.example"], NOW);
    own_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for params in [params(&["a.example"], NOW), own_authority.clone()] {
        let identity = self_signed(&params);
        greet_v4("a.example", plain(&identity), &trusting(&identity.pem)).await.unwrap();
        let wrong = greet_v4("b.example", plain(&identity), &trusting(&identity.pem)).await.unwrap_err();
        assert_eq!(wrong, TlsError::Hostname("certificate is for a.example, not b.example".into()));
    }
    own_authority.not_after = date_time_ymd(2021, 1, 2);
    let expired = self_signed(&own_authority);
    let error = greet_v4("a.example", plain(&expired), &trusting(&expired.pem)).await.unwrap_err();
    assert_eq!(error, TlsError::Expired("certificate expired 2021-01-02".into()));
}

#[tokio::test]
async fn a_client_certificate_is_shown_when_asked_for() {
    let authority = authority("House CA");
    let identity = signed(&authority, &params(&["a.example"], NOW));
    let ours = signed(&authority, &params(&["probe.example"], NOW));
    let config = || {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let asks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
        // TLS 1.2, where the refusal comes within the handshake.
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_client_cert_verifier(asks);
        identity.server(builder)
    };
    let settings = TlsSettings {
        client_cert_pem: Some(ours.pem.clone()),
        client_key_pem: Some(ours.key.serialize_pem()),
        ..trusting(&authority.pem())
    };
    greet_v4("a.example", config(), &settings).await.unwrap();
    let error = greet_v4("a.example", config(), &trusting(&authority.pem())).await.unwrap_err();
    assert_eq!(error, TlsError::Other("the server requires a client certificate".into()));
    assert!(!format!("{settings:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls() {
    for (says, expected) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "the server does not speak TLS on this port"),
        (b"", "the server closed the connection during the handshake"),
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4096];
            let _ = tcp.read(&mut hello).await;
            let _ = tcp.write_all(says).await;
        });
        let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
        let tls = Tls::new(None).unwrap();
        let error = tls.handshake(tcp, "a.example", &TlsSettings::default()).await.unwrap_err();
        assert_eq!(error, TlsError::Other(expected.into()));
        server.join_all().await;
    }
}

#[test]
fn unusable_settings_are_refused_with_the_mend() {
    let tls = Tls::new(None).unwrap();
    let identity = self_signed(&params(&["a.example"], NOW));
    let other = KeyPair::generate().unwrap().serialize_pem();
    let client = |cert: Option<&str>, key: Option<&str>| TlsSettings {
        client_cert_pem: cert.map(Into::into),
        client_key_pem: key.map(Into::into),
        ..TlsSettings::default()
    };
    let cut = &identity.pem[..identity.pem.len() / 2];
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (settings, field, expected) in [
        (trusting("no pem"), "ca", "holds no certificate"),
        (trusting(""), "ca", "holds no certificate"),
        (trusting(cut), "ca", "cut off"),
        (trusting("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"), "ca", "not base64"),
        (trusting(garbage), "ca", "has a certificate that cannot be used, number 1"),
        (client(Some(&identity.pem), None), "key", "is missing"),
        (client(None, Some(&other)), "cert", "is missing"),
        (client(Some(&identity.pem), Some("no pem")), "key", "holds no private key"),
        (client(Some("no pem"), Some(&other)), "cert", "holds no certificate"),
        (client(Some(&identity.pem), Some(&other)), "key", "cannot be used with cert"),
    ] {
        let error = tls.check(&settings).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    assert_eq!(Tls::new(Some("no pem")).unwrap_err().field, "ca");
    tls.check(&client(Some(&identity.pem), Some(&identity.key.serialize_pem()))).unwrap();
    tls.check(&TlsSettings::default()).unwrap();
}

#[test]
fn a_file_of_authorities_is_named_with_its_setting_and_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = file("good.pem", &authority("ours").pem());
    assert_eq!(authorities("redis.ca", None), Ok(None));
    assert!(authorities("redis.ca", Some(&good)).unwrap().unwrap().contains("BEGIN CERTIFICATE"));
    for (path, wanted) in [
        (dir.path().join("none.pem"), "cannot read {}: No such file or directory"),
        (dir.path().to_owned(), "cannot read {}: Is a directory"),
        (file("text.pem", "no pem"), "{} holds no certificate; give PEM text"),
    ] {
        let said = authorities("redis.ca", Some(&path)).unwrap_err().to_string();
        let wanted = format!("redis.ca: {}", wanted.replace("{}", &path.display().to_string()));
        assert!(said.starts_with(&wanted) && said.contains("; give "), "{said}");
    }
}
