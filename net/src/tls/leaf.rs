//! The server's own certificate as it was presented, kept unread: reading it is for whoever shows it to people.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// A presented certificate, trusted or not.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Leaf(Vec<u8>);

/// What a certificate says about itself. Whoever presented it wrote these texts: they may be long, or odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFacts {
    /// Distinguished name, such as `C=NO, O=Example, CN=www.example.com`; often empty.
    pub subject: String,
    /// Distinguished name of who signed it.
    pub issuer: String,
    /// Its start, unix seconds.
    pub not_before: i64,
    /// Its end, unix seconds.
    pub not_after: i64,
    /// Host names and addresses it is for.
    pub names: Vec<String>,
}

impl Leaf {
    /// Keeps a copy.
    pub(super) fn new(der: &CertificateDer<'_>) -> Self {
        Self(der.as_ref().to_owned())
    }

    /// What it says about itself; nothing where it is no X.509 certificate.
    pub fn facts(&self) -> Option<LeafFacts> {
        let (_, x509) = X509Certificate::from_der(&self.0).ok()?;
        let alternative = x509.subject_alternative_name().ok().flatten();
        let names = alternative.iter().flat_map(|names| &names.value.general_names).filter_map(name).collect();
        Some(LeafFacts {
            subject: x509.subject().to_string(),
            issuer: x509.issuer().to_string(),
            not_before: x509.validity().not_before.timestamp(),
            not_after: x509.validity().not_after.timestamp(),
            names,
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).map(IpAddr::from);
    v4().or_else(|_| v6()).ok()
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({} bytes)", self.0.len())
    }
}
