//! PostgreSQL and Redis behind TLS, with certificates of an authority nobody else knows.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
};

use nix::unistd::User;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use support::{command, eventually, ready_line};
use tempfile::TempDir;
use xtask::{
    process::Process,
    servers::{Postgres, Redis, Settings, free_port},
};

/// Both servers, and what they show.
struct Stage {
    postgres: Postgres,
    redis: Redis,
    tls_port: u16,
    dir: TempDir,
}

impl Stage {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL may have to run as another user.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        certify(dir.path());
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let ours = |name: &str, value: String| (name.to_owned(), value);
        let parameters = vec![
            ours("ssl", "on".to_owned()),
            ours("ssl_cert_file", path("cert.pem")),
            ours("ssl_key_file", path("postgres.key")),
        ];
        let settings = Settings { parameters, ..Settings::for_tests() };
        let postgres = Postgres::start_with(&dir.path().join("postgres"), settings).unwrap();
        postgres.create_database("upguard").unwrap();
        let tls_port = free_port().unwrap();
        let (port, cert, key, ca) = (tls_port.to_string(), path("cert.pem"), path("key.pem"), path("ca.pem"));
        let tls = [
            &["--tls-port", &port, "--tls-auth-clients", "no"][..],
            &["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca],
        ];
        let redis = Redis::start(&dir.path().join("redis"), &tls.concat()).unwrap();
        Self { postgres, redis, tls_port, dir }
    }

    fn control(&self, name: &str, variables: &[(&str, &Path)]) -> Process {
        let postgres = format!("{}?sslmode=require", self.postgres.url("upguard"));
        let mut control = command(&postgres, &format!("rediss://127.0.0.1:{}", self.tls_port));
        control.arg("serve").envs(variables.iter().copied());
        Process::spawn(name, control, &self.dir.path().join(format!("{name}.log"))).unwrap()
    }

    fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }
}

/// A certificate for 127.0.0.1 with its key, twice, once as PostgreSQL wants it; and the authority that signed it.
fn certify(dir: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    fs::write(dir.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(dir.join("cert.pem"), leaf.pem()).unwrap();
    for name in ["key.pem", "postgres.key"] {
        fs::write(dir.join(name), key.serialize_pem()).unwrap();
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    if nix::unistd::geteuid().is_root() {
        let user = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).unwrap()).unwrap();
        chown(dir.join("postgres.key"), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
}

#[test]
fn authorities_of_ones_own_are_trusted_where_they_are_named_and_nowhere_else() {
    let stage = Stage::start();
    let ca = stage.ca();
    let mut control = stage.control("control", &[("UPGUARD_POSTGRES__CA", &ca), ("UPGUARD_REDIS__CA", &ca)]);
    ready_line(&mut control);
    let sessions = "select count(*) filter (where ssl), count(*) filter (where not ssl) from pg_stat_ssl
         join pg_stat_activity using (pid) where application_name like 'upguard%'";
    let secured = stage.postgres.psql("upguard", sessions).unwrap();
    assert!(secured.ends_with("|0") && !secured.starts_with("0|"), "{secured}");
    let clients = stage.redis.cli(&["CLIENT", "LIST"]).unwrap();
    assert!(clients.contains(&format!("laddr=127.0.0.1:{}", stage.tls_port)), "{clients}");
    drop(control);

    for (name, variable) in [("without-redis", "UPGUARD_POSTGRES__CA"), ("without-postgres", "UPGUARD_REDIS__CA")] {
        let control = stage.control(name, &[(variable, &ca)]);
        eventually("it says whom it does not trust", || control.log_tail(30).contains("UnknownIssuer").then_some(()));
    }
}
