//! Following a master through Sentinel, on real servers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use testbed::certified::Certified;
use testbed::servers::{Redis, Sentinel, free_port};
use wire::{Error, Keys, Line, Link, Positions};

const NAME: &str = "main";

fn watch(dir: &Path, name: &str, master: u16, extra: &[&str]) -> Sentinel {
    Sentinel::start(&dir.join(name), NAME, master, 1, extra).unwrap()
}

fn url(sentinels: &[&Sentinel]) -> String {
    let hosts: Vec<_> = sentinels.iter().map(|one| format!("127.0.0.1:{}", one.port())).collect();
    format!("redis+sentinel://{}/{NAME}", hosts.join(","))
}

/// What the server a line leads to calls itself.
async fn marked(line: &mut Line) -> String {
    let keys = Keys::new("mark", 0).unwrap();
    let watermark = wire::read_watermark(line, &keys).await.unwrap();
    watermark.map(|cursor| cursor.slot.to_string()).unwrap_or_default()
}

fn mark(redis: &Redis, slot: &str) {
    redis.cli(&["SET", "{mark}:_watermark", &format!("{slot}:1")]).unwrap();
}

async fn read(line: &mut Line) -> Result<(), Error> {
    let keys = Keys::new("mark", 0).unwrap();
    wire::read_results(line, &keys, &[("eu".parse().unwrap(), 1)], &Positions::new()).await.map(drop)
}

#[tokio::test]
async fn the_majority_names_the_master_and_lines_to_another_are_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let old = Redis::start(&dir.path().join("old"), &[]).unwrap();
    let new = Redis::start(&dir.path().join("new"), &[]).unwrap();
    mark(&old, "1");
    mark(&new, "2");
    let all: Vec<_> = ["a", "b", "c"].map(|name| watch(dir.path(), name, old.port(), &[])).into();
    let link = Link::new(&url(&all.iter().collect::<Vec<_>>()), 2).unwrap();
    let (mut own, mut blocking) = (link.own().await.unwrap(), link.blocking().await.unwrap());
    assert_eq!((marked(&mut own).await, marked(&mut link.short().await.unwrap()).await), ("1".into(), "1".into()));

    // One Sentinel is of another opinion: cut off, it would say what was true once.
    let depose = |sentinel: &Sentinel| {
        sentinel.cli(&["SENTINEL", "REMOVE", NAME]).unwrap();
        sentinel.cli(&["SENTINEL", "MONITOR", NAME, "127.0.0.1", &new.port().to_string(), "1"]).unwrap();
    };
    depose(&all[0]);
    assert_eq!(marked(&mut link.own().await.unwrap()).await, "1");
    read(&mut blocking).await.unwrap();

    // Two of three: the old master still answers, calls itself one, and must not be believed any more.
    depose(&all[1]);
    assert_eq!(marked(&mut link.own().await.unwrap()).await, "2");
    assert!(matches!(read(&mut blocking).await, Err(Error::Moved)));
    assert_eq!(marked(&mut link.short().await.unwrap()).await, "2");
    assert!(matches!(read(&mut own).await, Err(Error::Moved)));
}

#[tokio::test]
async fn a_silent_sentinel_holds_nobody_up_and_a_replica_is_no_master() {
    let dir = tempfile::tempdir().unwrap();
    let master = Redis::start(&dir.path().join("master"), &[]).unwrap();
    let port = master.port().to_string();
    let replica = Redis::start(&dir.path().join("replica"), &["--replicaof", "127.0.0.1", &port]).unwrap();
    let sentinel = watch(dir.path(), "a", master.port(), &[]);
    let nobody = free_port().unwrap();
    let both = format!("redis+sentinel://127.0.0.1:{nobody},127.0.0.1:{}/{NAME}", sentinel.port());
    let began = Instant::now();
    Link::new(&both, 1).unwrap().own().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());

    let unknown = both.replace(NAME, "other");
    let why = Link::new(&unknown, 1).unwrap().own().await.err().unwrap().to_string();
    assert!(
        why.contains("other") && why.contains("knows no such master") && why.contains(&nobody.to_string()),
        "{why}"
    );

    // As in the moments of a failover: what is named is a replica still.
    master.cli(&["REPLICAOF", "127.0.0.1", &replica.port().to_string()]).unwrap();
    let why = Link::new(&both, 1).unwrap().own().await.err().unwrap();
    assert!(matches!(why, Error::NotMaster(_)), "{why}");
}

/// The authorities of a PEM text, and nobody else.
fn trust(pem: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(authority.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

#[tokio::test]
async fn all_of_it_may_be_tls_with_passwords_and_an_authority_of_ones_own() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let certified = Certified::new(dir.path()).unwrap();
    let tls_port = free_port().unwrap();
    let master = certified.redis(dir.path(), tls_port).unwrap();
    master.cli(&["ACL", "SETUSER", "eu", "on", ">p@ss", "~*", "+@all"]).unwrap();
    mark(&master, "7");

    let sentinel_port = free_port().unwrap();
    let lines = [
        format!("tls-port {sentinel_port}\ntls-replication yes\ntls-auth-clients no"),
        format!("tls-cert-file {}\ntls-key-file {}", certified.cert.display(), certified.key.display()),
        format!("tls-ca-cert-file {}", certified.ca.display()),
        "requirepass ask+me".to_owned(),
    ];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let _sentinel = watch(dir.path(), "a", tls_port, &lines);
    let url = format!("rediss+sentinel://eu:p%40ss@127.0.0.1:{sentinel_port}/{NAME}?sentinel_password=ask%2Bme");
    let pem = fs::read_to_string(&certified.ca).unwrap();
    let link = Link::trusting(&url, Some(trust(&pem)), 1).unwrap();
    assert_eq!(marked(&mut link.own().await.unwrap()).await, "7");
    assert_eq!(marked(&mut link.short().await.unwrap()).await, "7");

    let elsewhere = tempfile::tempdir().unwrap();
    let foreign = fs::read_to_string(Certified::new(elsewhere.path()).unwrap().ca).unwrap();
    for (ca, url, complaint) in [
        (None, url.clone(), "UnknownIssuer"),
        (Some(&foreign), url.clone(), "BadSignature"),
        (Some(&pem), url.replace("%2Bme", ""), "AuthenticationFailed"),
        (Some(&pem), url.replace("p%40ss", "guess"), "AuthenticationFailed"),
    ] {
        let link = Link::trusting(&url, ca.map(|pem| trust(pem)), 1).unwrap();
        let why = link.own().await.err().unwrap().to_string();
        assert!(why.contains(complaint), "{why}");
    }
    assert!(Link::trusting("redis://127.0.0.1", Some(trust(&pem)), 1).is_err(), "an authority without TLS");
}
