//! Redis behind TLS, with a certificate of an authority nobody else knows.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use xtask::servers::{Redis, free_port};

use crate::house::{House, until};

/// A certificate for 127.0.0.1, its key, and the authority that signed it: `cert.pem`, `key.pem` and `ca.pem`.
fn certify(dir: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    fs::write(dir.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(dir.join("cert.pem"), leaf.pem()).unwrap();
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
}

#[test]
fn a_probe_trusts_the_authority_it_is_told_of_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    certify(dir.path());
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let port = free_port().unwrap().to_string();
    let (cert, key, ca) = (path("cert.pem"), path("key.pem"), path("ca.pem"));
    let tls = [
        &["--tls-port", &port, "--tls-auth-clients", "no"][..],
        &["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca],
    ];
    let house = House::on(|folder| Redis::start(folder, &tls.concat()).unwrap());
    let url = format!("rediss://127.0.0.1:{port}");
    let _probe = house.probe("w1", &[("REDIS_URL", &url), ("REDIS_CA", &ca)]);
    house.push_job("/secret", &[]);
    house.expect_outcomes(1);

    let stranger = house.probe_unready("w2", &[("REDIS_URL", &url)]);
    until("it says whom it does not trust", || stranger.log().contains("UnknownIssuer"));
    let mut plain = house.probe_unready("w3", &[("REDIS_CA", &ca)]);
    assert_eq!(plain.exit_code(), 64);
    assert!(plain.log().contains("redis_ca (REDIS_CA)"), "{}", plain.log());
}
