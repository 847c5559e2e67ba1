//! What the machine's files say now: read again when they change, looked at once a second at most.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use hickory_resolver::Hosts;

use super::ResolverConfigError;
use super::conf::Conf;
use super::servers::Servers;

/// Milliseconds between two looks.
const EVERY: u64 = 1_000;

/// What lookups go by.
#[derive(Debug)]
pub(super) struct State {
    pub(super) conf: Conf,
    pub(super) servers: Arc<Servers>,
    pub(super) hosts: Arc<Hosts>,
    seen: [Option<Stamp>; 2],
}

/// Tells one version of a file from another.
type Stamp = (u64, u64, u64, i64, i64);

#[derive(Debug)]
pub(super) struct Current {
    /// None where the servers are given.
    resolv_conf: Option<PathBuf>,
    hosts: PathBuf,
    state: RwLock<Arc<State>>,
    began: Instant,
    /// When the files are looked at next: milliseconds of `began`.
    next: AtomicU64,
}

impl Current {
    /// Of these files; `given` is how to ask where no `resolv_conf` says it.
    pub(super) fn new(resolv_conf: Option<&Path>, hosts: &Path, given: Conf) -> Result<Self, ResolverConfigError> {
        let seen = [resolv_conf.and_then(stamp), stamp(hosts)];
        let conf = match resolv_conf {
            Some(path) => read(path).map_err(|why| ResolverConfigError(format!("{}: {why}", path.display())))?,
            None => given,
        };
        let servers = Servers::new(&conf).map_err(|why| ResolverConfigError(format!("resolver: {why}")))?;
        let state = State { conf, servers: Arc::new(servers), hosts: Arc::new(names(hosts)), seen };
        Ok(Self {
            resolv_conf: resolv_conf.map(Path::to_owned),
            hosts: hosts.to_owned(),
            state: RwLock::new(Arc::new(state)),
            began: Instant::now(),
            next: AtomicU64::new(EVERY),
        })
    }

    /// What the files say, as of a second ago at most.
    pub(super) fn state(&self) -> Arc<State> {
        let now = self.began.elapsed().as_millis() as u64;
        let next = self.next.load(Relaxed);
        // One of those that come at the same time looks.
        if now >= next && self.next.compare_exchange(next, now + EVERY, Relaxed, Relaxed).is_ok() {
            self.look();
        }
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn look(&self) {
        let old = Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner));
        let seen = [self.resolv_conf.as_deref().and_then(stamp), stamp(&self.hosts)];
        if seen == old.seen {
            return;
        }
        let hosts = if seen[1] == old.seen[1] { Arc::clone(&old.hosts) } else { Arc::new(names(&self.hosts)) };
        // One that cannot be read is being written: what it said before stays until then.
        let changed = self.resolv_conf.as_deref().filter(|_| seen[0] != old.seen[0]).map(read);
        let conf = match changed {
            Some(Ok(conf)) => conf,
            Some(Err(_)) | None => old.conf.clone(),
        };
        // What the servers answered stays known while nobody else is to be asked.
        let servers = if conf == old.conf { Ok(Arc::clone(&old.servers)) } else { Servers::new(&conf).map(Arc::new) };
        let Ok(servers) = servers else { return };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(State { conf, servers, hosts, seen });
    }
}

/// No file is an empty one, as for glibc.
fn read(path: &Path) -> io::Result<Conf> {
    match fs::read(path) {
        Ok(bytes) => Ok(Conf::parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Conf::parse("")),
        Err(error) => Err(error),
    }
}

fn names(path: &Path) -> Hosts {
    let mut hosts = Hosts::default();
    if let Ok(file) = File::open(path) {
        // Lines that make no sense are passed over.
        let _ = hosts.read_hosts_conf(file);
    }
    hosts
}

fn stamp(path: &Path) -> Option<Stamp> {
    let of = |data: Metadata| (data.dev(), data.ino(), data.len(), data.mtime(), data.mtime_nsec());
    fs::metadata(path).ok().map(of)
}
