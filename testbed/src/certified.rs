//! A server's certificate as files, from an authority nobody else knows, and a Redis that shows it: what tests of TLS
//! inside the system stand on. What sites show is the [world](crate::world)'s.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::servers::Redis;
use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use crate::{clock::unix_now, world::Authority};

/// PEM files, together in one folder.
#[derive(Clone, Debug)]
pub struct Certified {
    /// `cert.pem`: good for 127.0.0.1 and no name.
    pub cert: PathBuf,
    /// `key.pem`: its private key.
    pub key: PathBuf,
    /// `ca.pem`: the authority that signed it.
    pub ca: PathBuf,
}

impl Certified {
    /// A fresh authority and a certificate of it, written to the folder `dir`.
    pub fn new(dir: &Path) -> Result<Self> {
        let authority = Authority::new(unix_now())?;
        let (certificate, key) = authority.issue(&CertificateParams::new(vec!["127.0.0.1".to_owned()])?)?;
        Ok(Self {
            cert: write(dir, "cert.pem", &certificate.pem())?,
            key: write(dir, "key.pem", &key.serialize_pem())?,
            ca: write(dir, "ca.pem", &authority.pem)?,
        })
    }

    /// What `openssl req -x509` makes: an authority that signed itself, whose only name is a common name. Its own `ca`.
    pub fn by_itself(dir: &Path) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "db.example");
        let key = KeyPair::generate()?;
        let cert = write(dir, "cert.pem", &params.self_signed(&key)?.pem())?;
        Ok(Self { key: write(dir, "key.pem", &key.serialize_pem())?, ca: cert.clone(), cert })
    }

    /// A Redis on the data in `dir` that shows it on `tls_port` and asks clients for none.
    pub fn redis(&self, dir: &Path, tls_port: u16) -> Result<Redis> {
        let port = tls_port.to_string();
        let file = |path: &PathBuf| path.to_string_lossy().into_owned();
        let (cert, key, ca) = (file(&self.cert), file(&self.key), file(&self.ca));
        let files = ["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca];
        Redis::start(dir, &[&["--tls-port", &port, "--tls-auth-clients", "no"][..], &files].concat())
    }
}

fn write(dir: &Path, name: &str, pem: &str) -> Result<PathBuf> {
    let path = dir.join(name);
    fs::write(&path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
