//! Judges a presented chain in our words, while the chain is at hand: rustls hands a failed handshake back without it.
//!
//! The verdict is webpki's. Three things are added: texts that a site's owner understands, trust in a certificate that the operator
//! gave word for word, and paths for which webpki lacks a rule ([`by_hand`]). What was judged is the path that verified: an
//! expired certificate that a server sends beside a good path harms nobody.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage};

use super::algorithms::{ALGORITHMS, ANY};
use super::certificate::{Card, card, date};
use super::{Leaf, TlsError, Unsecured, by_hand, words};

/// Whom to trust.
#[derive(Debug)]
pub(crate) struct Trust {
    /// `false` accepts whatever is presented: a certificate that nobody verifies is judged in nothing, its signatures included.
    pub(crate) verify: bool,
    pub(crate) roots: RootCertStore,
    /// Certificates trusted word for word.
    pub(crate) pinned: Vec<CertificateDer<'static>>,
    /// Those are not asked for the server's name: such a one is an authority as well, so whoever has its key could sign another one
    /// for any name.
    pub(crate) any_name: bool,
}

/// What a handshake showed on its way.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The end of the path that verified, unix seconds.
    not_after: Mutex<Option<i64>>,
    refused: Mutex<Option<Unsecured>>,
    /// The server asked for a client certificate, and there was none.
    asked_in_vain: AtomicBool,
    /// The server agreed to a version and a cipher, and presented something.
    agreed: AtomicBool,
}

impl Seen {
    pub(crate) fn not_after(&self) -> Option<i64> {
        *self.not_after.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn take_refused(&self) -> Option<Unsecured> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn agreed(&self) -> bool {
        self.agreed.load(Relaxed)
    }

    pub(crate) fn was_asked_in_vain(&self) -> bool {
        self.asked_in_vain.load(Relaxed)
    }
}

/// Verifies one handshake.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) trust: Arc<Trust>,
    pub(crate) seen: Arc<Seen>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.seen.agreed.store(true, Relaxed);
        if self.trust.verify {
            match self.trust.judge(leaf, intermediates, name, now) {
                Ok(end) => *self.seen.not_after.lock().unwrap_or_else(PoisonError::into_inner) = Some(end),
                Err(error) => {
                    let refused = Unsecured { error, leaf: Some(Leaf::new(leaf)), at_hello: false };
                    *self.seen.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
                    // Its own words are above; this is what the server is told.
                    return Err(CertificateError::ApplicationVerificationFailure.into());
                }
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.by_hand(certificate, message, signature) {
            Some(judged) => judged,
            None => verify_tls12_signature(message, certificate, signature, &ALGORITHMS),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.by_hand(certificate, message, signature) {
            Some(judged) => judged,
            None => verify_tls13_signature(message, certificate, signature, &ALGORITHMS),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        if self.trust.verify { ALGORITHMS.supported_schemes() } else { ANY.to_vec() }
    }
}

impl Verifier {
    /// The handshake's signature, where webpki is not to judge it: nobody verifies, or it cannot read the certificate.
    fn by_hand(
        &self,
        certificate: &CertificateDer<'_>,
        message: &[u8],
        signature: &DigitallySignedStruct,
    ) -> Option<Result<HandshakeSignatureValid, Error>> {
        if !self.trust.verify {
            return Some(Ok(HandshakeSignatureValid::assertion()));
        }
        if EndEntityCert::try_from(certificate).is_ok() {
            return None;
        }
        let known = ALGORITHMS.mapping.iter().find(|(scheme, _)| *scheme == signature.scheme)?.1;
        let good = by_hand::signed_by(certificate, known, message, signature.signature()).is_some();
        Some(if good { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) })
    }
}

/// Gives out the client certificate there is, and notes where there is none.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) own: Arc<dyn ResolvesClientCert>,
    pub(crate) seen: Arc<Seen>,
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let own = self.own.resolve(authorities, schemes);
        self.seen.asked_in_vain.store(own.is_none(), Relaxed);
        own
    }

    fn has_certs(&self) -> bool {
        self.own.has_certs()
    }
}

impl Trust {
    /// The end of the path that verifies, in unix seconds.
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<i64, TlsError> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if let Some(end) = pinned(&self.pinned, leaf, seconds).filter(|_| self.any_name) {
            return Ok(end);
        }
        let end = match self.path(leaf, intermediates, now) {
            Ok(end) => Ok(end),
            Err(error) => pinned(&self.pinned, leaf, seconds)
                .or_else(|| self.by_hand(&error, leaf, intermediates, seconds))
                .ok_or(error),
        };
        let end = end.map_err(|error| explain(&error, leaf, intermediates, seconds))?;
        match EndEntityCert::try_from(leaf).map(|leaf| leaf.verify_is_valid_for_subject_name(name)) {
            Ok(Ok(())) => Ok(end),
            Ok(Err(webpki::Error::CertNotValidForName(context))) => {
                Err(TlsError::Hostname(hostname(&context.presented, &name.to_str())))
            }
            Err(_) if by_hand::is_for(leaf, name) => Ok(end),
            _ => Err(TlsError::Hostname(format!("certificate is not for {}", name.to_str()))),
        }
    }

    fn path(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<i64, webpki::Error> {
        let own = EndEntityCert::try_from(leaf)?;
        let usage = KeyUsage::server_auth();
        let path = own.verify_for_usage(ALGORITHMS.all, &self.roots.roots, intermediates, now, usage, None, None)?;
        let end = |der: &CertificateDer<'_>| card(der).map(|card| card.not_after);
        let ends = path.intermediate_certificates().filter_map(|issuer| end(&issuer.der()));
        ends.chain(end(leaf)).min().ok_or(webpki::Error::BadDer)
    }

    fn by_hand(
        &self,
        error: &webpki::Error,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: i64,
    ) -> Option<i64> {
        use webpki::Error as E;
        let lacks_a_rule = matches!(
            error,
            E::CaUsedAsEndEntity
                | E::UnsupportedCriticalExtension
                | E::MaximumPathDepthExceeded
                | E::MaximumPathBuildCallsExceeded
                // An intermediate that it cannot read is as good as none.
                | E::UnknownIssuer
        );
        let verify = || by_hand::verify(&ALGORITHMS, &self.roots.roots, leaf, intermediates, now);
        lacks_a_rule.then(verify).flatten()
    }
}

/// The end of a certificate that was given word for word and is within its dates.
pub(super) fn pinned(given: &[CertificateDer<'_>], leaf: &CertificateDer<'_>, now: i64) -> Option<i64> {
    let own = card(leaf).filter(|_| given.iter().any(|given| given.as_ref() == leaf.as_ref()))?;
    (own.not_before..=own.not_after).contains(&now).then_some(own.not_after)
}

fn explain(
    error: &webpki::Error,
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    now: i64,
) -> TlsError {
    use webpki::Error as E;
    match error {
        E::CertExpired { not_after, .. } => {
            let whose = whose(leaf, intermediates, |card| card.not_after == not_after.as_secs() as i64);
            TlsError::Expired(format!("{whose} expired {}", date(not_after.as_secs() as i64)))
        }
        E::CertNotValidYet { not_before, .. } => {
            let whose = whose(leaf, intermediates, |card| card.not_before == not_before.as_secs() as i64);
            TlsError::Expired(format!("{whose} is not valid before {}", date(not_before.as_secs() as i64)))
        }
        E::UnknownIssuer => TlsError::Untrusted(unknown_issuer(leaf, intermediates)),
        // Webpki looked no further than at this; what else is wrong is nearer to the owner.
        E::CaUsedAsEndEntity => match card(leaf) {
            Some(card) if now > card.not_after => {
                TlsError::Expired(format!("certificate expired {}", date(card.not_after)))
            }
            Some(card) if now < card.not_before => {
                TlsError::Expired(format!("certificate is not valid before {}", date(card.not_before)))
            }
            _ => TlsError::Untrusted(unknown_issuer(leaf, intermediates)),
        },
        _ if card(leaf).is_some_and(|card| card.self_issued) => {
            TlsError::Untrusted("issuer unknown: self-signed".into())
        }
        error => words::untrusted(error),
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
