//! What a failed handshake is called.

use std::io;

use rustls::{AlertDescription as Alert, Error};

use super::verify::Seen;
use super::{Leaf, words};

/// Why a handshake failed. Each carries one line for the people who own the site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A certificate of the chain is past its dates, or not yet within them (the text says which).
    #[error("{0}")]
    Expired(String),
    /// The chain does not lead to anybody trusted, or cannot be used for a server.
    #[error("{0}")]
    Untrusted(String),
    /// A good certificate, for another host.
    #[error("{0}")]
    Hostname(String),
    /// What we cannot speak or check, and others can: it says nothing about the site.
    #[error("{0}")]
    Unsupported(String),
    /// No TLS on that port, no protocol in common, connection cut, unusable settings.
    #[error("{0}")]
    Other(String),
}

impl TlsError {
    /// What a server said in TLS after the handshake; nothing where the error is not of TLS. In TLS 1.3 a refused client comes to
    /// know it only when it reads.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).map(words::handshake)
    }
}

/// A failed handshake, and the certificate it failed at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Unsecured {
    /// Why.
    pub error: TlsError,
    /// What the server presented, where the handshake failed for it.
    pub leaf: Option<Leaf>,
    /// The server went away at the first hello, before it agreed to anything.
    pub(crate) at_hello: bool,
}

impl From<TlsError> for Unsecured {
    fn from(error: TlsError) -> Self {
        Self { error, leaf: None, at_hello: false }
    }
}

/// Our name for what tokio-rustls reports, with what was seen on the way.
pub(super) fn explain(error: &io::Error, seen: &Seen) -> Unsecured {
    if let Some(refused) = seen.take_refused() {
        return refused;
    }
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let refuses = match inner {
        // OpenSSL's word for a missing certificate in TLS 1.2 is the same as for no cipher in common.
        Some(Error::AlertReceived(Alert::HandshakeFailure | Alert::BadCertificate | Alert::AccessDenied)) => true,
        None => matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset),
        Some(_) => false,
    };
    if refuses && seen.was_asked_in_vain() {
        return TlsError::Other(words::NEEDS_CERTIFICATE.into()).into();
    }
    let refuses =
        refuses || matches!(inner, Some(Error::AlertReceived(Alert::ProtocolVersion | Alert::InsufficientSecurity)));
    let error = match inner {
        Some(error) => words::handshake(error),
        None => TlsError::Other(match error.kind() {
            io::ErrorKind::UnexpectedEof => "the server closed the connection during the handshake".into(),
            io::ErrorKind::ConnectionReset => "the server reset the connection during the handshake".into(),
            _ => format!("connection lost during the handshake: {}", crate::io_words(error)),
        }),
    };
    Unsecured { error, leaf: None, at_hello: refuses && !seen.agreed() }
}
