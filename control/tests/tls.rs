//! PostgreSQL and Redis behind TLS, with certificates of an authority nobody else knows.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
};

use nix::unistd::User;
use support::{command, eventually, ready_line};
use tempfile::TempDir;
use testbed::{
    certified::Certified,
    process::Process,
    servers::{Postgres, Redis, Settings, free_port},
};

/// Both servers, and what they show.
struct Stage {
    postgres: Postgres,
    redis: Redis,
    tls_port: u16,
    ca: PathBuf,
    dir: TempDir,
}

impl Stage {
    fn start(certified: impl FnOnce(&Path) -> Certified) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL may have to run as another user.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let certified = certified(dir.path());
        let ours = |name: &str, file: &Path| (name.to_owned(), file.to_str().unwrap().to_owned());
        let parameters = vec![
            ("ssl".to_owned(), "on".to_owned()),
            ours("ssl_cert_file", &certified.cert),
            ours("ssl_key_file", &key_for_postgres(&certified)),
        ];
        let settings = Settings { parameters, ..Settings::for_tests() };
        let postgres = Postgres::start_with(&dir.path().join("postgres"), settings).unwrap();
        postgres.create_database("upguard").unwrap();
        let tls_port = free_port().unwrap();
        let redis = certified.redis(&dir.path().join("redis"), tls_port).unwrap();
        Self { postgres, redis, tls_port, ca: certified.ca, dir }
    }

    fn control(&self, name: &str, variables: &[(&str, &Path)]) -> Process {
        let postgres = format!("{}?sslmode=require", self.postgres.url("upguard"));
        let mut control = command(&postgres, &format!("rediss://127.0.0.1:{}", self.tls_port));
        control.arg("serve").envs(variables.iter().copied());
        Process::spawn(name, control, &self.dir.path().join(format!("{name}.log"))).unwrap()
    }
}

/// The key of `certified` once more, as PostgreSQL takes it: its own, and nobody else's to read.
fn key_for_postgres(certified: &Certified) -> PathBuf {
    let file = certified.key.with_file_name("postgres.key");
    fs::copy(&certified.key, &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    if nix::unistd::geteuid().is_root() {
        let user = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).unwrap()).unwrap();
        chown(&file, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
    file
}

#[test]
fn authorities_of_ones_own_are_trusted_where_they_are_named_and_nowhere_else() {
    let stage = Stage::start(|dir| Certified::new(dir).unwrap());
    let ca = &stage.ca;
    let mut control = stage.control("control", &[("UPGUARD_POSTGRES__CA", ca), ("UPGUARD_REDIS__CA", ca)]);
    ready_line(&mut control);
    let sessions = "select count(*) filter (where ssl), count(*) filter (where not ssl) from pg_stat_ssl
         join pg_stat_activity using (pid) where application_name like 'upguard%'";
    let secured = stage.postgres.psql("upguard", sessions).unwrap();
    assert!(secured.ends_with("|0") && !secured.starts_with("0|"), "{secured}");
    let clients = stage.redis.cli(&["CLIENT", "LIST"]).unwrap();
    assert!(clients.contains(&format!("laddr=127.0.0.1:{}", stage.tls_port)), "{clients}");
    drop(control);

    for (name, variable) in [("without-redis", "UPGUARD_POSTGRES__CA"), ("without-postgres", "UPGUARD_REDIS__CA")] {
        let control = stage.control(name, &[(variable, ca)]);
        eventually("it says whom it does not trust", || control.log_tail(30).contains("UnknownIssuer").then_some(()));
    }
}

#[test]
fn a_server_that_is_its_own_authority_is_trusted_as_itself() {
    let stage = Stage::start(|dir| Certified::by_itself(dir).unwrap());
    let ca = &stage.ca;
    let mut control = stage.control("control", &[("UPGUARD_POSTGRES__CA", ca), ("UPGUARD_REDIS__CA", ca)]);
    ready_line(&mut control);
}
