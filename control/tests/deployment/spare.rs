//! A second Redis that follows the first, and three Sentinels that make it the master when the first is gone.

use std::path::Path;

use testbed::servers::{Redis, Sentinel};

use super::Deployment;

const NAME: &str = "main";

/// The server that is not the master, and who watches both.
pub(crate) struct Spare {
    redis: Redis,
    sentinels: Vec<Sentinel>,
}

impl Spare {
    /// Beside the master on `port`; two of three have to agree that it is gone.
    pub(super) fn start(dir: &Path, port: u16) -> Self {
        let master = port.to_string();
        let redis = Redis::start(&dir.join("spare"), &["--replicaof", "127.0.0.1", &master]).unwrap();
        let watch = |name| Sentinel::start(&dir.join(name), NAME, port, 2, &[]).unwrap();
        Self { redis, sentinels: ["s1", "s2", "s3"].map(watch).into() }
    }

    /// `redis+sentinel://…`
    pub(super) fn url(&self) -> String {
        let hosts: Vec<_> = self.sentinels.iter().map(|one| format!("127.0.0.1:{}", one.port())).collect();
        format!("redis+sentinel://{}/{NAME}", hosts.join(","))
    }

    /// Whether every Sentinel knows the others and the replica: before that they cannot agree on anything.
    fn is_settled(&self) -> bool {
        self.sentinels.iter().all(|one| {
            let told = one.cli(&["SENTINEL", "MASTER", NAME]).unwrap();
            let lines: Vec<_> = told.lines().collect();
            let field = |name| lines.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
            (field("num-other-sentinels"), field("num-slaves")) == (Some("2"), Some("1"))
        })
    }

    fn names(&self, port: u16) -> bool {
        let port = port.to_string();
        let agree = |one: &Sentinel| {
            let told = one.cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]).unwrap();
            told.lines().nth(1) == Some(&port)
        };
        self.sentinels.iter().filter(|one| agree(one)).count() >= 2
    }
}

impl Deployment {
    /// The master is killed. Returns when the other server is master and most Sentinels say so; the one that was is the
    /// spare now, and dead.
    pub(crate) fn fail_over(&mut self) {
        let spare = self.spare.as_ref().unwrap();
        self.until("the Sentinels know one another and the replica", || spare.is_settled());
        let in_step = || self.redis(&["INFO", "replication"]).contains("state=online");
        self.until("the replica is in step", in_step);
        self.servers().redis().kill9();
        let took = self.until("the Sentinels name the other server", || spare.names(spare.redis.port()));
        eprintln!("failed over after {took:?}");
        self.until("it is a master", || spare.redis.cli(&["ROLE"]).unwrap().starts_with("master"));
        let mut spare = self.spare.take().unwrap();
        std::mem::swap(&mut spare.redis, &mut *self.servers().redis());
        self.spare = Some(spare);
    }

    /// The server that was killed comes back, as itself; the Sentinels make it follow the new master.
    pub(crate) fn start_spare(&mut self) {
        self.spare.as_mut().unwrap().redis.start_again().unwrap();
    }

    /// A command of the server that is not the master.
    pub(crate) fn ask_spare(&self, command: &[&str]) -> String {
        self.spare.as_ref().unwrap().redis.cli(command).unwrap()
    }
}
