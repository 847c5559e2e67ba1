//! Judges a presented chain in our words, while the chain is at hand: rustls hands a failed handshake back without it.
//!
//! The verdict is webpki's. Two things are added: texts that a site's owner understands, and trust in a certificate that the operator
//! gave word for word (the usual self-signed one marks itself as an authority, which webpki refuses as a server's own).

use std::fmt::Write as _;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate::{Card, card, date};
use super::{Leaf, TlsError, Unsecured};

/// One of these stands in every client configuration.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// `None` accepts any chain; the handshake's signature is checked all the same, so the peer holds the key it shows.
    pub(crate) chain: Option<Arc<WebPkiServerVerifier>>,
    /// Certificates trusted word for word.
    pub(crate) pinned: Vec<CertificateDer<'static>>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(webpki) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let verdict = webpki.verify_server_cert(leaf, intermediates, name, ocsp, now);
        let verdict = verdict.or_else(|error| self.verify_pinned(leaf, name, now).unwrap_or(Err(error)));
        verdict.map_err(|error| {
            wrap(Unsecured { error: explain(&error, leaf, intermediates, name), leaf: Some(Leaf::new(leaf)) })
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Verifier {
    /// For a pinned certificate within its dates the name alone decides; `None` leaves it to webpki's verdict.
    fn verify_pinned(
        &self,
        leaf: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<ServerCertVerified, Error>> {
        let own = card(leaf).filter(|_| self.pinned.iter().any(|pinned| pinned.as_ref() == leaf.as_ref()))?;
        let now = i64::try_from(now.as_secs()).ok()?;
        if now < own.not_before || now > own.not_after {
            return None;
        }
        let named = ParsedCertificate::try_from(leaf).and_then(|leaf| rustls::client::verify_server_name(&leaf, name));
        Some(named.map(|()| ServerCertVerified::assertion()))
    }
}

/// Our verdict travels through rustls inside its own error; [`unwrap`] takes it out again.
fn wrap(error: Unsecured) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
}

/// The verdict of [`Verifier`] inside an error of rustls.
pub(crate) fn unwrap(error: &Error) -> Option<Unsecured> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => inner.downcast_ref().cloned(),
        _ => None,
    }
}

fn explain(
    error: &Error,
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    name: &ServerName<'_>,
) -> TlsError {
    use CertificateError as C;
    let Error::InvalidCertificate(error) = error else {
        return TlsError::Untrusted(format!("certificate refused: {error}"));
    };
    match error {
        C::ExpiredContext { not_after, .. } => {
            let whose = whose(leaf, intermediates, |card| card.not_after == not_after.as_secs() as i64);
            TlsError::Expired(format!("{whose} expired {}", date(not_after.as_secs() as i64)))
        }
        C::NotValidYetContext { not_before, .. } => {
            let whose = whose(leaf, intermediates, |card| card.not_before == not_before.as_secs() as i64);
            TlsError::Expired(format!("{whose} is not valid before {}", date(not_before.as_secs() as i64)))
        }
        C::Expired | C::NotValidYet => TlsError::Expired("certificate is outside its dates".into()),
        C::NotValidForNameContext { presented, .. } => TlsError::Hostname(hostname(presented, &name.to_str())),
        C::NotValidForName => TlsError::Hostname(format!("certificate is not for {}", name.to_str())),
        C::Revoked => TlsError::Untrusted("certificate is revoked".into()),
        C::UnknownIssuer => TlsError::Untrusted(unknown_issuer(leaf, intermediates)),
        _ if card(leaf).is_some_and(|card| card.self_issued) => {
            TlsError::Untrusted("issuer unknown: self-signed".into())
        }
        error => TlsError::Untrusted(format!("certificate refused: {error}")),
    }
}

/// "certificate" for the server's own, else "intermediate certificate NAME".
fn whose(leaf: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>], is_it: impl Fn(&Card) -> bool) -> String {
    if card(leaf).is_some_and(|card| is_it(&card)) {
        return "certificate".into();
    }
    let found = intermediates.iter().filter_map(card).find(|card| is_it(card));
    found.map_or_else(
        || "a certificate of the chain".into(),
        |card| format!("intermediate certificate {}", card.subject),
    )
}

fn unknown_issuer(leaf: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> String {
    match card(leaf) {
        Some(card) if card.self_issued => "issuer unknown: self-signed".into(),
        Some(card) if intermediates.is_empty() => {
            format!("issuer unknown: {} (the server sent no intermediate certificate)", card.issuer)
        }
        Some(card) => format!("issuer unknown: {}", card.issuer),
        None => "issuer unknown".into(),
    }
}

/// `presented` is how rustls prints names: `DnsName("a.example")`, `IpAddress(192.0.2.1)`.
fn hostname(presented: &[String], wanted: &str) -> String {
    let mut names = presented.iter().map(|name| {
        name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')')).trim_matches('"')
    });
    let mut text = String::from("certificate is for ");
    match names.next() {
        None => return format!("certificate names no host (no subjectAltName), so it is not for {wanted}"),
        Some(first) => text.push_str(first),
    }
    for name in names.by_ref().take(3) {
        let _ = write!(text, ", {name}");
    }
    if names.next().is_some() {
        text.push_str(", …");
    }
    let _ = write!(text, ", not {wanted}");
    text
}
