//! What rustls and webpki report, in sentences for people who run the site. Neither crate's own words appear, save the names of rules
//! of TLS that a server broke.

use std::fmt;

use rustls::{AlertDescription as Alert, CertificateError, Error, PeerIncompatible};
use x509_parser::der_parser::Oid;

use super::TlsError;

/// Why a handshake failed, for all reasons but the certificate's own.
pub(super) fn handshake(error: &Error) -> TlsError {
    TlsError::Other(match error {
        Error::AlertReceived(alert) => alerted(*alert),
        Error::PeerIncompatible(why) => return incompatible(why),
        Error::PeerMisbehaved(rule) => format!("the server broke the rules of TLS: {}", plain(rule)),
        Error::InvalidMessage(_) => "the server does not speak TLS on this port".into(),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "the server sent a TLS message out of turn".into()
        }
        Error::NoCertificatesPresented => "the server presented no certificate".into(),
        Error::DecryptError => "what the server sent cannot be decrypted: it was damaged on its way".into(),
        Error::PeerSentOversizedRecord => "the server sent a TLS record that is too long".into(),
        Error::NoApplicationProtocol => "the server speaks none of the offered protocols (ALPN)".into(),
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "the server does not hold the key of its certificate: its signature is wrong, or by an RSA key under 2048 bits"
                .into()
        }
        Error::InvalidCertificate(why) => format!("certificate cannot be used: {}", plain(why)),
        Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => {
            return TlsError::Unsupported("this machine gives no time or no random numbers".into());
        }
        error => format!("handshake failed: {}", plain(error)),
    })
}

/// What a server says before it hangs up (RFC 8446, 6.2).
pub(super) fn alerted(alert: Alert) -> String {
    let said = match alert {
        Alert::HandshakeFailure => {
            "the server refused the handshake: it agrees to no offered cipher (TLS 1.3 and 1.2), or misses a client certificate"
        }
        Alert::ProtocolVersion => "the server speaks no offered version of TLS (offered: TLS 1.3 and 1.2)",
        Alert::InsufficientSecurity => "the server finds every offered cipher too weak",
        Alert::UnrecognisedName => "the server does not know this host name (SNI)",
        Alert::CertificateRequired | Alert::NoCertificate => NEEDS_CERTIFICATE,
        Alert::BadCertificate | Alert::UnsupportedCertificate | Alert::CertificateUnknown => {
            "the server does not accept the client certificate"
        }
        Alert::CertificateRevoked => "the server says that the client certificate is revoked",
        Alert::CertificateExpired => "the server says that the client certificate has expired",
        Alert::UnknownCA => "the server does not know who issued the client certificate",
        Alert::AccessDenied => "the server denies access after looking at the client certificate",
        Alert::NoApplicationProtocol => "the server speaks none of the offered protocols (ALPN)",
        Alert::InternalError => "the server has an internal error in its TLS",
        Alert::CloseNotify | Alert::UserCanceled => "the server ended the handshake without a reason",
        Alert::UnexpectedMessage | Alert::DecodeError | Alert::IllegalParameter | Alert::MissingExtension => {
            "the server does not understand the handshake: it may be something between, such as a proxy"
        }
        Alert::UnsupportedExtension | Alert::InappropriateFallback | Alert::NoRenegotiation => {
            "the server refuses an extension of the handshake"
        }
        Alert::BadRecordMac | Alert::DecryptionFailed | Alert::DecryptError => {
            "the server cannot decrypt what it was sent: it was damaged on its way"
        }
        Alert::RecordOverflow | Alert::DecompressionFailure => "the server finds a TLS record too long",
        Alert::EncryptedClientHelloRequired => "the server wants the host name encrypted (ECH)",
        other => return format!("the server ended the handshake with alert {}", u8::from(other)),
    };
    said.to_owned()
}

pub(super) const NEEDS_CERTIFICATE: &str = "the server requires a client certificate";

/// What we do not speak is no fault of the site's.
fn incompatible(why: &PeerIncompatible) -> TlsError {
    TlsError::Unsupported(match why {
        PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            "the server speaks TLS 1.1 or older alone, and probes speak 1.3 and 1.2".into()
        }
        PeerIncompatible::NoKxGroupsInCommon | PeerIncompatible::NoCipherSuitesInCommon => {
            "the server offers no key exchange or cipher that probes speak".into()
        }
        PeerIncompatible::NoSignatureSchemesInCommon => "the server signs in no way that probes can check".into(),
        why => format!("the server speaks TLS in a way that probes do not: {}", plain(why)),
    })
}

/// Why a chain is not trusted, where neither dates, names nor issuer are why.
pub(super) fn untrusted(error: &webpki::Error) -> TlsError {
    use webpki::Error as E;
    TlsError::Untrusted(match error {
        E::InvalidSignatureForPublicKey => {
            "a signature in the chain is wrong, or by an RSA key under 2048 bits, which is too weak to be trusted"
                .into()
        }
        E::EndEntityUsedAsCa => "the chain has an issuer that is no authority".into(),
        E::PathLenConstraintViolated => "the chain is longer than one of its authorities may issue".into(),
        E::NameConstraintViolation => "an authority of the chain may not issue for this name".into(),
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
            "certificate is not for servers (extended key usage)".into()
        }
        E::UnsupportedCriticalExtension => "certificate has a critical extension that cannot be obeyed".into(),
        E::UnsupportedCertVersion => "certificate is of an old version of X.509, which cannot name a host".into(),
        E::InvalidCertValidity => "certificate ends before it begins".into(),
        E::UnsupportedSignatureAlgorithmContext(context) => return algorithm(&context.signature_algorithm_id),
        E::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
            return algorithm(&context.signature_algorithm_id);
        }
        E::MaximumPathBuildCallsExceeded
        | E::MaximumPathDepthExceeded
        | E::MaximumSignatureChecksExceeded
        | E::MaximumNameConstraintComparisonsExceeded => {
            return TlsError::Unsupported(
                "the chain has more certificates or ways through it than probes follow".into(),
            );
        }
        E::BadDer | E::BadDerTime | E::TrailingData(_) => "certificate is damaged".into(),
        error => format!("certificate is malformed: {}", plain(error)),
    })
}

/// A way of signing that is not known here, or by nobody any more.
fn algorithm(id: &[u8]) -> TlsError {
    let oid = id.strip_prefix(&[6]).and_then(|rest| rest.get(1..1 + usize::from(*rest.first()?)));
    let oid = oid.map(|bytes| Oid::new(bytes.into()).to_id_string()).unwrap_or_default();
    let weak = match oid.as_str() {
        "1.2.840.113549.1.1.2" => Some("MD2"),
        "1.2.840.113549.1.1.4" => Some("MD5"),
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" | "1.3.14.3.2.29" => Some("SHA-1"),
        _ => None,
    };
    if let Some(weak) = weak {
        return TlsError::Untrusted(format!("certificate is signed with {weak}, which is too weak to be trusted"));
    }
    let name = match oid.as_str() {
        "1.3.101.113" => "Ed448",
        "1.2.840.113549.1.1.10" => "RSA-PSS with unusual parameters",
        "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => "SHA-224",
        "1.2.156.10197.1.501" => "SM2",
        "1.2.840.113549.1.1.11" | "1.2.840.113549.1.1.12" | "1.2.840.113549.1.1.13" => "an unusual RSA key",
        "1.2.840.10045.4.3.2" | "1.2.840.10045.4.3.3" | "1.2.840.10045.4.3.4" => "ECDSA on an unusual curve",
        other => other,
    };
    TlsError::Unsupported(format!("certificate is signed in a way that probes cannot check: {name}"))
}

/// The words in the name of a variant: `SelectedUnofferedCipherSuite` is "selected unoffered cipher suite".
pub(super) fn plain(value: &impl fmt::Debug) -> String {
    let printed = format!("{value:?}");
    let name = printed.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut text = String::with_capacity(name.len() + 8);
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && after_lower {
            text.push(' ');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::AlgorithmIdentifier;
    use rustls::{InvalidMessage, PeerMisbehaved};

    use super::*;

    /// Whether a text reads as a sentence: nothing of Rust's, no lists of numbers, no names in capitals run together.
    fn is_sentence(text: &str) -> bool {
        let run_together = text.split(' ').any(|word| {
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
        });
        text.len() > 20 && !text.contains(['{', '[', '_', '"']) && !text.contains("Other") && !run_together
    }

    #[test]
    fn every_alert_is_a_sentence() {
        for code in 0..=u8::MAX {
            let said = alerted(Alert::from(code));
            assert!(is_sentence(&said) && said.starts_with("the server "), "{code}: {said}");
        }
    }

    #[test]
    fn what_rustls_reports_is_a_sentence() {
        use PeerIncompatible as I;
        use PeerMisbehaved as M;
        let errors = [
            Error::InappropriateMessage { expect_types: vec![], got_type: rustls::ContentType::Alert },
            Error::InappropriateHandshakeMessage { expect_types: vec![], got_type: rustls::HandshakeType::Finished },
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::NoCertificatesPresented,
            Error::UnsupportedNameType,
            Error::DecryptError,
            Error::EncryptError,
            Error::General("{oops}".into()),
            Error::FailedToGetCurrentTime,
            Error::FailedToGetRandomBytes,
            Error::HandshakeNotComplete,
            Error::PeerSentOversizedRecord,
            Error::NoApplicationProtocol,
            Error::BadMaxFragmentSize,
            Error::InvalidCertificate(CertificateError::BadSignature),
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure),
            Error::PeerMisbehaved(M::SelectedUnofferedCipherSuite),
            Error::PeerMisbehaved(M::IllegalHelloRetryRequestWithOfferedGroup),
            Error::PeerMisbehaved(M::SignedHandshakeWithUnadvertisedSigScheme),
            Error::PeerIncompatible(I::ServerDoesNotSupportTls12Or13),
            Error::PeerIncompatible(I::NoKxGroupsInCommon),
            Error::PeerIncompatible(I::NoCipherSuitesInCommon),
            Error::PeerIncompatible(I::NoSignatureSchemesInCommon),
            Error::PeerIncompatible(I::ExtendedMasterSecretExtensionRequired),
            Error::PeerIncompatible(I::ServerRejectedEncryptedClientHello(None)),
        ];
        for error in errors {
            let said = handshake(&error);
            assert!(is_sentence(&said.to_string()), "{error:?}: {said}");
            assert_eq!(
                matches!(said, TlsError::Unsupported(_)),
                matches!(
                    error,
                    Error::PeerIncompatible(_) | Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes
                ),
                "{error:?}: {said}"
            );
        }
        assert_eq!(
            handshake(&Error::PeerMisbehaved(M::SelectedUnofferedKxGroup)).to_string(),
            "the server broke the rules of TLS: selected unoffered kx group"
        );
    }

    #[test]
    fn what_webpki_reports_is_a_sentence() {
        use webpki::Error as E;
        let signed = |id: &[u8]| {
            E::UnsupportedSignatureAlgorithmContext(webpki::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id: id.to_vec(),
                supported_algorithms: vec![AlgorithmIdentifier::from_slice(b"x")],
            })
        };
        for (error, ours, words) in [
            (E::BadDer, false, "damaged"),
            (E::BadDerTime, false, "damaged"),
            (E::CaUsedAsEndEntity, false, "ca used as end entity"),
            (E::EmptyEkuExtension, false, "not for servers"),
            (E::EndEntityUsedAsCa, false, "no authority"),
            (E::ExtensionValueInvalid, false, "extension value invalid"),
            (E::InvalidCertValidity, false, "ends before it begins"),
            (E::InvalidNetworkMaskConstraint, false, "network mask"),
            (E::InvalidSerialNumber, false, "serial number"),
            (E::InvalidSignatureForPublicKey, false, "signature in the chain is wrong"),
            (E::MalformedDnsIdentifier, false, "malformed dns identifier"),
            (E::MalformedExtensions, false, "malformed extensions"),
            (E::MalformedNameConstraint, false, "malformed name constraint"),
            (E::MaximumNameConstraintComparisonsExceeded, true, "more certificates"),
            (E::MaximumPathBuildCallsExceeded, true, "more certificates"),
            (E::MaximumPathDepthExceeded, true, "more certificates"),
            (E::MaximumSignatureChecksExceeded, true, "more certificates"),
            (E::NameConstraintViolation, false, "may not issue for this name"),
            (E::PathLenConstraintViolated, false, "longer than"),
            (E::SignatureAlgorithmMismatch, false, "signature algorithm mismatch"),
            (E::TrailingData(webpki::DerTypeId::Certificate), false, "damaged"),
            (E::UnsupportedCertVersion, false, "old version of X.509"),
            (E::UnsupportedCriticalExtension, false, "critical extension"),
            (signed(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00"), false, "SHA-1"),
            (signed(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00"), false, "MD5"),
            (signed(b"\x06\x03\x2b\x65\x71"), true, "Ed448"),
            (signed(b"\x06\x03\x2a\x03\x04"), true, "1.2.3.4"),
            (signed(b""), true, "cannot check"),
        ] {
            let said = untrusted(&error);
            assert!(is_sentence(&said.to_string()) && said.to_string().contains(words), "{error:?}: {said}");
            assert_eq!(matches!(said, TlsError::Unsupported(_)), ours, "{error:?}: {said}");
        }
    }
}
