//! The TLS handshake: whom to trust, what was agreed, what went wrong.
//!
//! rustls with the ring provider; Mozilla's roots are compiled in, so a container without `ca-certificates` works. Sessions are never
//! resumed: a warm handshake would hide what a cold one costs, and an expired certificate with it.
//!
//! Does not know HTTP (the caller names the ALPN protocols) and sets no timeout.

mod algorithms;
mod authorities;
mod by_hand;
mod certificate;
mod client;
mod error;
mod leaf;
mod older;
mod settings;
mod verify;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, CommonState, ProtocolVersion, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
pub use tokio_rustls::client::TlsStream;

pub use authorities::{AuthoritiesError, authorities};
use certificate::{bad, card, certificates, private_key, trust};
pub use client::client_config;
pub use error::{TlsError, Unsecured};
pub use leaf::{Leaf, LeafFacts};
pub use settings::{TlsConfigError, TlsSettings};
use verify::{Identity, Seen, Trust, Verifier};

/// A finished handshake.
#[derive(Debug)]
pub struct TlsConnection {
    /// To read and write through.
    pub stream: TlsStream<TcpStream>,
    /// What was agreed on and presented; nothing where nobody verifies and the certificate cannot be read.
    pub facts: Option<TlsFacts>,
    /// The server's certificate itself.
    pub leaf: Leaf,
    /// The server asked for a client certificate, and there was none to show. In TLS 1.3 it may still hang up for that.
    pub asked_in_vain: bool,
}

/// What a handshake showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// The cipher suite's IANA name, such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The protocol chosen by ALPN, if any.
    pub alpn: Option<String>,
    /// Unix seconds of the earliest expiry in the path that verified, its anchor left out; of the server's own certificate where nobody
    /// verifies.
    pub not_after: i64,
    /// The server certificate's common name, else its first alternative name.
    pub subject: String,
    /// Its issuer's common name, else organisation.
    pub issuer: String,
}

/// Whom to trust; builds and keeps the client configurations. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    provider: Arc<CryptoProvider>,
    verified: Config,
    unverified: Config,
    /// Configurations of settings with certificates of their own.
    own: Mutex<HashMap<TlsSettings, Config>>,
}

/// How to greet a server, but for what one handshake is to remember.
#[derive(Clone)]
struct Config {
    client: Arc<ClientConfig>,
    trust: Arc<Trust>,
}

impl Config {
    /// For one handshake, which notes in `seen` what rustls does not tell.
    fn noting(&self, seen: &Arc<Seen>) -> ClientConfig {
        let mut client = ClientConfig::clone(&self.client);
        let verifier = Verifier { trust: Arc::clone(&self.trust), seen: Arc::clone(seen) };
        client.dangerous().set_certificate_verifier(Arc::new(verifier));
        let own = Arc::clone(&client.client_auth_cert_resolver);
        client.client_auth_cert_resolver = Arc::new(Identity { own, seen: Arc::clone(seen) });
        client
    }
}

/// More configurations than these are not kept (each holds its own copy of the roots, some 20 KiB).
const MAX_KEPT: usize = 256;

impl Tls {
    /// Trusts the compiled-in roots and the authorities of this PEM text.
    pub fn new(extra_ca_pem: Option<&str>) -> Result<Self, TlsConfigError> {
        Self::trusting(extra_ca_pem, false)
    }

    /// The same for a server of the operator's: each certificate of the text is also trusted as the server's own, whatever it names.
    pub fn to_server(ca: Option<&str>) -> Result<Self, TlsConfigError> {
        Self::trusting(ca, true)
    }

    fn trusting(extra_ca_pem: Option<&str>, any_name: bool) -> Result<Self, TlsConfigError> {
        let ring = rustls::crypto::ring::default_provider();
        let provider = Arc::new(CryptoProvider { signature_verification_algorithms: algorithms::ALGORITHMS, ..ring });
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let pinned = extra_ca_pem.map_or(Ok(Vec::new()), |pem| certificates("ca", pem))?;
        trust(&mut roots, "ca", &pinned)?;
        let build = |verify| {
            let settings = TlsSettings { verify, ..TlsSettings::default() };
            let trust = Trust { verify, roots: roots.clone(), pinned: pinned.clone(), any_name };
            build(&provider, trust, &settings)
        };
        let (verified, unverified) = (build(true)?, build(false)?);
        Ok(Self(Arc::new(Inner { provider, verified, unverified, own: Mutex::default() })))
    }

    /// Whether these settings can be used: for refusing them when they are entered instead of at every handshake.
    pub fn check(&self, settings: &TlsSettings) -> Result<(), TlsConfigError> {
        self.config(settings).map(drop)
    }

    /// Greets the server as `host` (a name, or an address with or without brackets) over an open connection.
    pub async fn handshake(
        &self,
        tcp: TcpStream,
        host: &str,
        settings: &TlsSettings,
    ) -> Result<TlsConnection, TlsError> {
        self.handshake_shown(tcp, host, settings).await.map_err(|unsecured| unsecured.error)
    }

    /// The same, for who wants to show the certificate that was refused.
    pub async fn handshake_shown(
        &self,
        tcp: TcpStream,
        host: &str,
        settings: &TlsSettings,
    ) -> Result<TlsConnection, Unsecured> {
        let config = self.config(settings).map_err(|error| TlsError::Other(format!("tls settings: {error}")))?;
        let name = server_name(host)?;
        let seen = Arc::new(Seen::default());
        let mut client = config.noting(&seen);
        client.alpn_protocols = settings.alpn.iter().map(|protocol| protocol.clone().into_bytes()).collect();
        let connected = TlsConnector::from(Arc::new(client)).connect(name, tcp).await;
        let stream = connected.map_err(|error| error::explain(&error, &seen))?;
        let session = stream.get_ref().1;
        let facts = facts(session, seen.not_after());
        let leaf = session.peer_certificates().and_then(|chain| chain.first()).map(Leaf::new).unwrap_or_default();
        Ok(TlsConnection { stream, facts, leaf, asked_in_vain: seen.was_asked_in_vain() })
    }

    /// Whether a server that went away at our hello speaks what we do not, over another connection to it.
    pub(crate) async fn is_older(&self, tcp: TcpStream, host: &str) -> Option<TlsError> {
        let speaks = older::speaks(tcp, &server_name(host).ok()?).await?;
        Some(TlsError::Unsupported(format!("the server speaks {speaks}")))
    }

    fn config(&self, settings: &TlsSettings) -> Result<Config, TlsConfigError> {
        let inner = &self.0;
        let TlsSettings { verify, extra_ca_pem, client_cert_pem, client_key_pem, .. } = settings;
        if extra_ca_pem.is_none() && client_cert_pem.is_none() && client_key_pem.is_none() {
            return Ok(if *verify { inner.verified.clone() } else { inner.unverified.clone() });
        }
        // ALPN is given to each handshake, so settings that differ in it alone share a configuration.
        let key = TlsSettings { alpn: Vec::new(), ..settings.clone() };
        if let Some(kept) = inner.own.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(kept.clone());
        }
        let config = inner.build_own(&key)?;
        let mut own = inner.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= MAX_KEPT {
            own.clear();
        }
        own.insert(key, config.clone());
        Ok(config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("roots", &self.0.verified.trust.roots.len()).finish_non_exhaustive()
    }
}

impl Inner {
    fn build_own(&self, settings: &TlsSettings) -> Result<Config, TlsConfigError> {
        let Trust { roots, pinned, any_name, .. } = self.verified.trust.as_ref();
        let mut own =
            Trust { verify: settings.verify, roots: roots.clone(), pinned: pinned.clone(), any_name: *any_name };
        if let Some(pem) = &settings.extra_ca_pem {
            let extra = certificates("ca", pem)?;
            trust(&mut own.roots, "ca", &extra)?;
            own.pinned.extend(extra);
        }
        build(&self.provider, own, settings)
    }
}

fn build(provider: &Arc<CryptoProvider>, trust: Trust, settings: &TlsSettings) -> Result<Config, TlsConfigError> {
    let trust = Arc::new(trust);
    let verifier = Verifier { trust: Arc::clone(&trust), seen: Arc::default() };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| bad("ca", &format!("cannot be used: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match (&settings.client_cert_pem, &settings.client_key_pem) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => builder
            .with_client_auth_cert(certificates("cert", cert)?, private_key("key", key)?)
            .map_err(|error| bad("key", &format!("cannot be used with cert: {error}")))?,
        (Some(_), None) => return Err(bad("key", "is missing: cert is given, so give its private key too")),
        (None, Some(_)) => return Err(bad("cert", "is missing: key is given, so give its certificate too")),
    };
    config.resumption = Resumption::disabled();
    Ok(Config { client: Arc::new(config), trust })
}

fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    if let Some(address) = crate::literal(host) {
        return Ok(ServerName::from(address));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    ServerName::try_from(name.to_owned())
        .map_err(|_| TlsError::Other(format!("{host:?} is no host name that a certificate can be for")))
}

fn facts(session: &CommonState, verified: Option<i64>) -> Option<TlsFacts> {
    let leaf = session.peer_certificates()?.first().and_then(card)?;
    Some(TlsFacts {
        version: version(session.protocol_version()),
        cipher: session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default(),
        alpn: session.alpn_protocol().map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
        not_after: verified.unwrap_or(leaf.not_after),
        subject: leaf.subject,
        issuer: leaf.issuer,
    })
}

fn version(version: Option<ProtocolVersion>) -> String {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".into(),
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".into(),
        other => format!("{other:?}"),
    }
}
