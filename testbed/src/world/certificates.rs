//! The world's own certificate authority, and the certificates its TLS listeners show: a good one and one for each way
//! a certificate is bad. It knows nothing of sockets.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};

/// What a TLS listener shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shown {
    /// Signed by the world's authority for `localhost` and 127.0.0.1, good for a year.
    Good,
    /// Ended years ago.
    Expired,
    /// Ends in three days.
    EndsSoon,
    /// Signed by nobody but itself.
    SelfSigned,
    /// Good, but for another name.
    WrongHost,
}

impl Shown {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Good, Self::Expired, Self::EndsSoon, Self::SelfSigned, Self::WrongHost];

    /// The word the ready line uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::EndsSoon => "ends_soon",
            Self::SelfSigned => "self_signed",
            Self::WrongHost => "wrong_host",
        }
    }
}

/// A certificate authority nobody else knows.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// What clients must trust.
    pub(crate) pem: String,
    now: i64,
}

impl Authority {
    /// A fresh authority; certificates count from unix second `now`.
    pub(crate) fn new(now: i64) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = named("UpGuard testbed world CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = date_time_ymd(2049, 1, 1);
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem, now })
    }

    /// What a listener of kind `shown` serves with.
    pub(super) fn server_config(&self, shown: Shown) -> Result<Arc<ServerConfig>> {
        let (certificate, key) = self.certificate(shown)?;
        let (chain, key) = (vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()));
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions()?;
        Ok(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key)?))
    }

    fn certificate(&self, shown: Shown) -> Result<(Certificate, KeyPair)> {
        const DAY: i64 = 86_400;
        let names = match shown {
            Shown::WrongHost => vec!["elsewhere.example".to_owned()],
            _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = named("UpGuard testbed world");
        let (from, to) = match shown {
            Shown::Expired => (self.now - 800 * DAY, self.now - 400 * DAY),
            Shown::EndsSoon => (self.now - 300 * DAY, self.now + 3 * DAY),
            _ => (self.now - DAY, self.now + 365 * DAY),
        };
        let at = |unix: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(unix.max(0) as u64);
        (params.not_before, params.not_after) = (at(from), at(to));
        if shown != Shown::SelfSigned {
            return self.issue(&params);
        }
        let key = KeyPair::generate()?;
        Ok((params.self_signed(&key)?, key))
    }

    /// A certificate of ours, and its key.
    pub(crate) fn issue(&self, params: &CertificateParams) -> Result<(Certificate, KeyPair)> {
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &self.issuer)?, key))
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut whole = DistinguishedName::new();
    whole.push(DnType::CommonName, name);
    whole
}
