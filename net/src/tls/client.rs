//! TLS to one server of the operator's: a database, a mail server. Whoever names authorities for it may also name the server's
//! own certificate, which is what `openssl req -x509` makes: an authority that signed itself, and that often names its host in no
//! way that is read today.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::TlsConfigError;
use super::certificate::{bad, certificates, trust};
use super::verify::pinned;

/// For drivers that dial by themselves: trusts the authorities of the PEM text `ca` and no others, or the public ones where there is
/// none; and each certificate of the text as the server's own. Refusals are in webpki's words.
pub fn client_config(ca: Option<&str>) -> Result<ClientConfig, TlsConfigError> {
    let own = ca.map_or(Ok(Vec::new()), |pem| certificates("ca", pem))?;
    let mut roots = RootCertStore::empty();
    match ca {
        Some(_) => trust(&mut roots, "ca", &own)?,
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let chain = webpki(roots)?;
    configured(OrOwn { chain, own })
}

fn webpki(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, TlsConfigError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    built.map_err(|why| bad("ca", &format!("cannot be used: {why}")))
}

fn configured(verifier: OrOwn) -> Result<ClientConfig, TlsConfigError> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|why| bad("ca", &format!("cannot be used: {why}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A verdict on a chain, or a certificate that was given word for word, whatever it names.
#[derive(Debug)]
struct OrOwn {
    chain: Arc<dyn ServerCertVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for OrOwn {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if pinned(&self.own, leaf, seconds).is_some() {
            return Ok(ServerCertVerified::assertion());
        }
        self.chain.verify_server_cert(leaf, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
