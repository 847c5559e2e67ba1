//! What a caller may ask of a handshake. Plain data: read and refused where the configuration is built.

use std::fmt;

/// How one handshake is to be done. The default verifies against the trusted roots and offers no ALPN.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// Whether chain, dates and name must be good. `false` accepts every certificate, whatever it is.
    pub verify: bool,
    /// PEM text of authorities trusted besides the roots, or of the server's own self-signed certificate.
    pub extra_ca_pem: Option<String>,
    /// PEM text of our certificate chain, for servers that ask for one. Goes with `client_key_pem`.
    pub client_cert_pem: Option<String>,
    /// PEM text of the key of `client_cert_pem`, not encrypted. Never printed.
    pub client_key_pem: Option<String>,
    /// Protocols to offer, best first, such as `http/1.1`.
    pub alpn: Vec<String>,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self { verify: true, extra_ca_pem: None, client_cert_pem: None, client_key_pem: None, alpn: Vec::new() }
    }
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("verify", &self.verify)
            .field("extra_ca_pem", &self.extra_ca_pem.is_some())
            .field("client_cert_pem", &self.client_cert_pem.is_some())
            .field("client_key_pem", &self.client_key_pem.as_ref().map(|_| "(hidden)"))
            .field("alpn", &self.alpn)
            .finish()
    }
}

/// A certificate or key that cannot be used, found before anything is dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct TlsConfigError {
    /// `ca`, `cert` or `key`.
    pub field: &'static str,
    /// What is wrong with it and how to mend it; reads on from the field's name.
    pub problem: String,
}
