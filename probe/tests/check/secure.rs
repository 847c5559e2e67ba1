//! HTTPS with certificates good and bad, made here.

use std::sync::Arc;

use probe::check::{Finding, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use wire::{Reason, Verdict};

use crate::{
    NOW, check, check_with, phases, settings,
    site::{Act, Site, moved, ok},
    told,
};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A server whose certificate is for `name`, from 2020 to the second day of `until`.
    pub(crate) fn server(&self, name: &str, until: i32) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 2), date_time_ymd(until, 1, 2));
        params.distinguished_name.push(DnType::CommonName, "Test Site");
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.0).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap()
    }

    /// The same in one version of TLS, for clients that this verifier admits.
    fn server_asking(
        &self,
        name: &str,
        version: &'static rustls::SupportedProtocolVersion,
        asks: Arc<dyn rustls::server::danger::ClientCertVerifier>,
    ) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(asks)
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap()
    }

    pub(crate) async fn check(&self, url: &str, spec: &str) -> Finding {
        check_with(Settings { extra_ca_pem: Some(self.0.pem()), ..settings() }, url, spec).await
    }
}

#[tokio::test]
async fn a_good_certificate() {
    let authority = Authority::new();
    let site = Site::secure(authority.server("localhost", 2090), |_| ok("safe"));
    let found = authority.check(&site.secure_url("localhost"), r#"{"expect": {"contains": "safe"}}"#).await;
    assert_eq!((told(&found).as_str(), phases(&found).as_str()), ("up", "resolve connect tls processing transfer"));
    let facts = found.tls.unwrap();
    assert_eq!((facts.subject.as_str(), facts.issuer.as_str()), ("Test Site", "Test CA"));
    assert!(facts.not_after > NOW && facts.version == "TLSv1.3");
}

#[tokio::test]
async fn trust_given_by_the_spec() {
    let authority = Authority::new();
    let site = Site::secure(authority.server("localhost", 2090), |_| ok("safe"));
    let spec = serde_json::json!({"tls": {"ca": authority.0.pem()}});
    assert_eq!(told(&check(&site.secure_url("localhost"), &spec.to_string()).await), "up");
    let found = check(&site.secure_url("localhost"), "{}").await;
    assert_eq!((found.reason, phases(&found).as_str()), (Some(Reason::TlsUntrusted), "resolve connect tls"));
}

#[tokio::test]
async fn bad_certificates() {
    let authority = Authority::new();
    let expired = Site::secure(authority.server("localhost", 2021), |_| ok("x"));
    let other = Site::secure(authority.server("other.example", 2090), |_| ok("x"));
    let cases = [
        (&expired, Reason::TlsExpired, "tls_expired: certificate expired 2021-01-02"),
        (&other, Reason::TlsHostname, "tls_hostname: certificate is for other.example, not localhost"),
    ];
    for (site, reason, expected) in cases {
        let found = authority.check(&site.secure_url("localhost"), "{}").await;
        assert_eq!((found.reason, told(&found).as_str()), (Some(reason), expected));
        let found = authority.check(&site.secure_url("localhost"), r#"{"tls": {"verify": false}}"#).await;
        assert_eq!(told(&found), "up", "not verified because not asked to");
    }
}

#[tokio::test]
async fn days_left() {
    let authority = Authority::new();
    let site = Site::secure(authority.server("localhost", 2031), |_| ok("x"));
    let url = site.secure_url("localhost");
    // From 2030-03-17 to 2031-01-02 it is 290 days and some hours.
    let few = authority.check(&url, r#"{"expect": {"min_cert_days": 300}}"#).await;
    assert_eq!(told(&few), "certificate_days: certificate ends in 290 days, expected at least 300");
    assert_eq!(few.verdict, Verdict::Degraded);
    assert_eq!(told(&authority.check(&url, r#"{"expect": {"min_cert_days": 290}}"#).await), "up");
}

#[tokio::test]
async fn of_several_hops_the_certificate_that_ends_first_counts() {
    let authority = Authority::new();
    let last = Site::secure(authority.server("localhost", 2090), |_| ok("x"));
    let to = last.secure_url("localhost");
    let first = Site::secure(authority.server("localhost", 2031), move |_| moved(301, &to));
    let found = authority.check(&first.secure_url("localhost"), r#"{"expect": {"min_cert_days": 300}}"#).await;
    assert_eq!((found.reason, found.redirects), (Some(Reason::CertificateDays), 1));
}

#[tokio::test]
async fn down_to_plain_http_is_followed_and_noted() {
    let authority = Authority::new();
    let plain = Site::new(|_| ok("x"));
    let to = plain.url("/");
    let site = Site::secure(authority.server("localhost", 2090), move |_| moved(302, &to));
    let found = authority.check(&site.secure_url("localhost"), "{}").await;
    assert_eq!((found.verdict, found.redirects), (Verdict::Up, 1));
    assert_eq!(found.detail.as_deref(), Some("a redirect led from https to plain http"));
}

#[tokio::test]
async fn a_required_client_certificate_is_one_reason_in_every_version() {
    let authority = Authority::new();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let roots = Arc::new(roots);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    for version in rustls::ALL_VERSIONS {
        let asks =
            rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let config = authority.server_asking("localhost", version, asks.build().unwrap());
        let site = Site::secure(config, |_| ok("safe"));
        let found = authority.check(&site.secure_url("localhost"), "{}").await;
        assert_eq!(told(&found), "tls: the server requires a client certificate", "{version:?}");
        let found = authority.check(&site.secure_url("localhost").replace("https", "tcp"), TCP).await;
        assert_eq!(told(&found), "tls: the server requires a client certificate", "{version:?}");
    }
}

const TCP: &str = r#"{"tcp": {"tls": true, "send": "hello", "expect": "hello"}}"#;

#[tokio::test]
async fn a_close_without_goodbye_ends_a_body_only_where_that_is_its_end() {
    let authority = Authority::new();
    let until_close = b"HTTP/1.1 200 OK\r\n\r\nall of it";
    let site = Site::secure(authority.server("localhost", 2090), |_| Act::Send(until_close.to_vec()));
    let found = authority.check(&site.secure_url("localhost"), r#"{"expect": {"contains": "all of it"}}"#).await;
    assert_eq!(told(&found), "up");
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall of it";
    let site = Site::secure(authority.server("localhost", 2090), |_| Act::Send(short.to_vec()));
    let found = authority.check(&site.secure_url("localhost"), "{}").await;
    assert_eq!(told(&found), "protocol: the body is shorter than announced");
}
