//! Reading certificates: PEM from people, and the few facts of a presented chain that are worth a line.
//!
//! Trusts nothing and checks no signature: see `verify.rs`.

use rustls::RootCertStore;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate, X509Name};

use super::TlsConfigError;

/// The certificates of a PEM text; other sections are skipped. `field` names the text in the error.
pub(crate) fn certificates(field: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = found.map_err(|error| bad(field, &pem_problem(&error)))?;
    if found.is_empty() {
        return Err(bad(field, "holds no certificate; give PEM text that begins with -----BEGIN CERTIFICATE-----"));
    }
    Ok(found)
}

/// The private key of a PEM text (PKCS#8, PKCS#1 or SEC1, not encrypted).
pub(crate) fn private_key(field: &'static str, pem: &str) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| match error {
        PemError::NoItemsFound => bad(
            field,
            "holds no private key; give PEM text that begins with -----BEGIN PRIVATE KEY----- (an encrypted key must be decrypted first)",
        ),
        error => bad(field, &pem_problem(&error)),
    })
}

/// Adds certificates to those trusted. All of them must be usable: one forgotten silently would be a false alarm later.
pub(crate) fn trust(
    roots: &mut RootCertStore,
    field: &'static str,
    certificates: &[CertificateDer<'static>],
) -> Result<(), TlsConfigError> {
    for (n, certificate) in certificates.iter().enumerate() {
        roots.add(certificate.clone()).map_err(|error| {
            bad(field, &format!("has a certificate that cannot be used, number {}: {error}", n + 1))
        })?;
    }
    Ok(())
}

pub(crate) fn bad(field: &'static str, problem: &str) -> TlsConfigError {
    TlsConfigError { field, problem: problem.into() }
}

/// The PEM reader's own texts print byte lists.
fn pem_problem(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { .. } => "is cut off: a -----BEGIN …----- line has no -----END …-----".into(),
        PemError::IllegalSectionStart { .. } => "has a damaged -----BEGIN …----- line".into(),
        PemError::Base64Decode(_) => "is damaged: the text between BEGIN and END is not base64".into(),
        error => format!("cannot be read as PEM: {error:?}"),
    }
}

/// What a certificate says about itself.
pub(crate) struct Card {
    /// Its common name, else its first alternative name, else the whole distinguished name.
    pub(crate) subject: String,
    /// The issuer's common name, else its organisation, else the whole distinguished name.
    pub(crate) issuer: String,
    pub(crate) self_issued: bool,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

/// Reads one certificate; `None` when it is no X.509.
pub(crate) fn card(der: &CertificateDer<'_>) -> Option<Card> {
    let (_, x509) = X509Certificate::from_der(der).ok()?;
    Some(Card {
        subject: subject(&x509),
        issuer: short(x509.issuer()).unwrap_or_else(|| x509.issuer().to_string()),
        self_issued: x509.subject().as_raw() == x509.issuer().as_raw(),
        not_before: x509.validity().not_before.timestamp(),
        not_after: x509.validity().not_after.timestamp(),
    })
}

/// `2026-01-02` (UTC) of unix seconds.
pub(crate) fn date(unix: i64) -> String {
    match ASN1Time::from_timestamp(unix) {
        Ok(time) => time.to_datetime().date().to_string(),
        Err(_) => format!("at {unix} (unix seconds)"),
    }
}

fn subject(x509: &X509Certificate<'_>) -> String {
    let alternative = || {
        let names = x509.subject_alternative_name().ok()??;
        names.value.general_names.iter().find_map(|name| match name {
            x509_parser::prelude::GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
    };
    short(x509.subject()).or_else(alternative).unwrap_or_else(|| x509.subject().to_string())
}

fn short(name: &X509Name<'_>) -> Option<String> {
    let attribute = name.iter_common_name().next().or_else(|| name.iter_organization().next())?;
    attribute.as_str().ok().map(str::to_owned)
}
