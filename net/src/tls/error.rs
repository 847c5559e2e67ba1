//! What a failed handshake is called, and in which words.

use std::io;

use rustls::{AlertDescription as Alert, Error};

use super::{Leaf, verify};

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
    /// No TLS on that port, no protocol in common, connection cut, unusable settings.
    #[error("{0}")]
    Other(String),
}

/// A failed handshake, and the certificate it failed at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Unsecured {
    /// Why.
    pub error: TlsError,
    /// What the server presented, where the handshake failed for it.
    pub leaf: Option<Leaf>,
}

impl From<TlsError> for Unsecured {
    fn from(error: TlsError) -> Self {
        Self { error, leaf: None }
    }
}

/// Our name for what tokio-rustls reports.
pub(super) fn explain(error: &io::Error) -> Unsecured {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let text = match inner {
        Some(error) => {
            if let Some(verdict) = verify::unwrap(error) {
                return verdict;
            }
            match error {
                Error::InvalidMessage(_) => "the server does not speak TLS on this port".into(),
                Error::AlertReceived(Alert::ProtocolVersion) | Error::PeerIncompatible(_) => {
                    "no TLS version or cipher in common (offered: TLS 1.3 and 1.2)".into()
                }
                Error::AlertReceived(Alert::HandshakeFailure) => {
                    "the server refused the handshake: handshake_failure".into()
                }
                Error::AlertReceived(Alert::UnrecognisedName) => "the server does not know this host name (SNI)".into(),
                Error::AlertReceived(Alert::CertificateRequired) => "the server asks for a client certificate".into(),
                Error::NoApplicationProtocol | Error::AlertReceived(Alert::NoApplicationProtocol) => {
                    "the server speaks none of the offered protocols (ALPN)".into()
                }
                error => format!("handshake failed: {error}"),
            }
        }
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => "the server closed the connection during the handshake".into(),
            io::ErrorKind::ConnectionReset => "the server reset the connection during the handshake".into(),
            _ => format!("connection lost during the handshake: {error}"),
        },
    };
    TlsError::Other(text).into()
}
