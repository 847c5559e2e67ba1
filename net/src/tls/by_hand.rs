//! Paths that webpki cannot judge, for want of a rule and not of trust: a site certificate that is marked as an authority, critical
//! certificate policies, and more than six intermediates. Browsers and OpenSSL take all three.
//!
//! Same rules otherwise (RFC 5280, 6): every signature, every date, issuers that may issue, and use for servers. Stricter in two
//! points: who constrains names, or requires a policy, is left to webpki's refusal.

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

/// Signatures that are checked at most, and the longest path.
const CHECKS: usize = 60;
const LONGEST: usize = 16;

/// One certificate, as signed and as read.
struct Certificate<'a> {
    x509: X509Certificate<'a>,
    signed: Signed<'a>,
}

/// Who is trusted, and what is at hand.
struct Climb<'a> {
    algorithms: &'a WebPkiSupportedAlgorithms,
    anchors: &'a [TrustAnchor<'a>],
    intermediates: Vec<Certificate<'a>>,
    now: i64,
    checks: usize,
}

/// The earliest end in a good path from `leaf` to an anchor, in unix seconds; nothing where there is none.
pub(super) fn verify(
    algorithms: &WebPkiSupportedAlgorithms,
    anchors: &[TrustAnchor<'_>],
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    now: i64,
) -> Option<i64> {
    let leaf = Certificate::read(leaf)?;
    let intermediates = intermediates.iter().filter_map(|der| Certificate::read(der)).collect();
    let mut climb = Climb { algorithms, anchors, intermediates, now, checks: CHECKS };
    if !leaf.is_usable(now) {
        return None;
    }
    climb.from(&leaf.x509, &leaf.signed, &mut Vec::new())
}

/// Whether a certificate that webpki cannot read is for this name.
pub(super) fn is_for(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let Ok((_, x509)) = X509Certificate::from_der(leaf) else { return false };
    let Ok(Some(names)) = x509.subject_alternative_name() else { return false };
    names.value.general_names.iter().any(|found| match (found, name) {
        (GeneralName::DNSName(found), ServerName::DnsName(name)) => matches(found, name.as_ref()),
        (GeneralName::IPAddress(found), ServerName::IpAddress(address)) => match address {
            rustls::pki_types::IpAddr::V4(address) => address.as_ref() == *found,
            rustls::pki_types::IpAddr::V6(address) => address.as_ref() == *found,
        },
        _ => false,
    })
}

/// Whether the key of a certificate made this signature by one of these algorithms.
pub(super) fn signed_by(
    leaf: &CertificateDer<'_>,
    algorithms: &[&dyn rustls::pki_types::SignatureVerificationAlgorithm],
    message: &[u8],
    signature: &[u8],
) -> Option<()> {
    let (_, x509) = X509Certificate::from_der(leaf).ok()?;
    let key = key(inside(x509.public_key().raw, SEQUENCE)?.0)?;
    let fitting = algorithms.iter().filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.0);
    fitting.into_iter().find_map(|algorithm| algorithm.verify_signature(key.1, message, signature).ok())
}

impl Climb<'_> {
    fn from(&mut self, x509: &X509Certificate<'_>, signed: &Signed<'_>, path: &mut Vec<usize>) -> Option<i64> {
        let end = x509.validity().not_after.timestamp();
        let issuer = inside(x509.issuer().as_raw(), SEQUENCE)?.0;
        for anchor in self.anchors.iter().filter(|anchor| anchor.subject.as_ref() == issuer) {
            if anchor.name_constraints.is_none() && self.is_signed(signed, anchor.subject_public_key_info.as_ref()) {
                return Some(end);
            }
        }
        if path.len() >= LONGEST {
            return None;
        }
        for place in 0..self.intermediates.len() {
            let next = &self.intermediates[place];
            if path.contains(&place) || next.x509.subject().as_raw() != x509.issuer().as_raw() {
                continue;
            }
            if !next.may_issue(path.len()) || !next.is_usable(self.now) {
                continue;
            }
            let Some((spki, _)) = inside(next.x509.public_key().raw, SEQUENCE) else { continue };
            let spki = spki.to_vec();
            if !self.is_signed(signed, &spki) {
                continue;
            }
            path.push(place);
            let next = &self.intermediates[place];
            let (x509, signed) = (next.x509.clone(), next.signed);
            if let Some(rest) = self.from(&x509, &signed, path) {
                return Some(end.min(rest));
            }
            path.pop();
        }
        None
    }

    /// `spki` is what stands inside a `SubjectPublicKeyInfo`.
    fn is_signed(&mut self, signed: &Signed<'_>, spki: &[u8]) -> bool {
        let Some((kind, key)) = key(spki) else { return false };
        let Some(checks) = self.checks.checked_sub(1) else { return false };
        self.checks = checks;
        let fits = |algorithm: &&&dyn rustls::pki_types::SignatureVerificationAlgorithm| {
            algorithm.signature_alg_id().as_ref() == signed.algorithm && algorithm.public_key_alg_id().as_ref() == kind
        };
        let algorithm = self.algorithms.all.iter().find(fits);
        algorithm.is_some_and(|algorithm| algorithm.verify_signature(key, signed.body, signed.signature).is_ok())
    }
}

impl<'a> Certificate<'a> {
    fn read(der: &'a CertificateDer<'_>) -> Option<Self> {
        let (_, x509) = X509Certificate::from_der(der).ok()?;
        Some(Self { x509, signed: Signed::read(der)? })
    }

    /// Within its dates, for servers, and without a critical extension that would have to be obeyed.
    fn is_usable(&self, now: i64) -> bool {
        let dates = self.x509.validity();
        let in_time = (dates.not_before.timestamp()..=dates.not_after.timestamp()).contains(&now);
        let purpose = self.x509.extended_key_usage().ok().flatten();
        let for_servers = purpose.is_none_or(|purpose| purpose.value.server_auth || purpose.value.any);
        in_time
            && for_servers
            && self.x509.extensions().iter().all(|extension| {
                let known = matches!(
                    extension.parsed_extension(),
                    ParsedExtension::BasicConstraints(_)
                        | ParsedExtension::KeyUsage(_)
                        | ParsedExtension::ExtendedKeyUsage(_)
                        | ParsedExtension::SubjectAlternativeName(_)
                        | ParsedExtension::CertificatePolicies(_)
                        | ParsedExtension::InhibitAnyPolicy(_)
                );
                let rules = matches!(
                    extension.parsed_extension(),
                    ParsedExtension::NameConstraints(_) | ParsedExtension::PolicyConstraints(_)
                );
                (known || !extension.critical) && !rules
            })
    }

    /// Whether it is an authority, with so many intermediates below it.
    fn may_issue(&self, below: usize) -> bool {
        let Ok(Some(basic)) = self.x509.basic_constraints() else { return false };
        let usage = self.x509.key_usage().ok().flatten();
        basic.value.ca
            && basic.value.path_len_constraint.is_none_or(|most| below <= most as usize)
            && usage.is_none_or(|usage| usage.value.key_cert_sign())
    }
}

/// A certificate's three parts.
#[derive(Clone, Copy)]
struct Signed<'a> {
    body: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let parts = inside(der, SEQUENCE)?.0;
        let rest = inside(parts, SEQUENCE)?.1;
        let body = &parts[..parts.len() - rest.len()];
        let (algorithm, rest) = inside(rest, SEQUENCE)?;
        Some(Self { body, algorithm, signature: bits(rest)? })
    }
}

/// Kind and bits of a public key.
fn key(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let (kind, rest) = inside(spki, SEQUENCE)?;
    Some((kind, bits(rest)?))
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

fn bits(der: &[u8]) -> Option<&[u8]> {
    inside(der, BIT_STRING)?.0.strip_prefix(&[0])
}

/// The contents of the first value, if it has this tag, and what follows it (X.690, 8.1).
fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

/// One label may stand for `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let rest = pattern.strip_prefix("*.").and_then(|rest| Some((rest, name.split_once('.')?.1)));
    pattern.eq_ignore_ascii_case(name) || rest.is_some_and(|(rest, name)| rest.eq_ignore_ascii_case(name))
}
