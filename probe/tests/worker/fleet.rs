//! A Redis, a site, and probes of one region between them.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use testbed::{
    exposition::value,
    http::answer,
    process::Process,
    servers::{Redis, free_port},
    service::bare,
};
use uuid::Uuid;
use wire::{Keys, Line, Link, Outcome, Payload, Positions, Region};

use crate::site::Site;

pub(crate) const REGION: &str = "eu-west";
pub(crate) const JOBS: &str = "betteruptime:website";
pub(crate) const OWN: &str = "{betteruptime:website}:eu-west";

/// Whatever is awaited here takes a second or two; machines that build meanwhile take longer.
const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) struct Fleet {
    pub(crate) redis: Redis,
    pub(crate) site: Site,
    dir: TempDir,
    runtime: tokio::runtime::Runtime,
}

/// A running worker, killed when dropped.
pub(crate) struct Probe {
    pub(crate) process: Process,
    port: u16,
}

impl Fleet {
    pub(crate) fn build() -> Self {
        Self::on(|folder| Redis::start(folder, &[]).unwrap())
    }

    /// On a Redis that is started as the test likes.
    pub(crate) fn on(start: impl FnOnce(&Path) -> Redis) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let redis = start(&dir.path().join("redis"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { redis, site: Site::open(), dir, runtime }
    }

    /// A worker with `extra` settings, ready for jobs. Its lease is short, so that tests are.
    pub(crate) fn probe(&self, worker: &str, extra: &[(&str, &str)]) -> Probe {
        let probe = self.probe_unready(worker, extra);
        until("a ready worker", || probe.get("/readyz").is_some_and(|(status, _)| status == 200));
        probe
    }

    /// A worker that knows its Redis from `file` alone.
    pub(crate) fn probe_with_file(&self, worker: &str, file: &str) -> Probe {
        let path = self.dir.path().join(format!("{worker}.toml"));
        std::fs::write(&path, file).unwrap();
        let mut command = self.command(worker, &[]);
        command.env_remove("REDIS_URL").env("UPGUARD_CONFIG", path);
        let probe = self.spawn(worker, command);
        until("a ready worker", || probe.get("/readyz").is_some_and(|(status, _)| status == 200));
        probe
    }

    pub(crate) fn probe_unready(&self, worker: &str, extra: &[(&str, &str)]) -> Probe {
        self.spawn(worker, self.command(worker, extra))
    }

    fn command(&self, worker: &str, extra: &[(&str, &str)]) -> Command {
        let mut command = bare_command();
        command.envs([("REGION_ID", REGION), ("WORKER_ID", worker), ("REDIS_URL", &self.redis.url())]);
        for (key, value) in [
            ("EGRESS__ALLOW", "127.0.0.0/8"),
            ("BLOCK", "500ms"),
            ("DRAIN", "10s"),
            ("LEASE", "1500ms"),
            ("RENEW", "300ms"),
            ("FACTS", "1s"),
        ] {
            command.env(format!("UPGUARD_PROBE__{key}"), value);
        }
        for (key, value) in extra {
            let short = ["REDIS_URL", "REDIS_CA"].contains(key);
            command.env(if short { (*key).to_owned() } else { format!("UPGUARD_PROBE__{key}") }, value);
        }
        command
    }

    fn spawn(&self, worker: &str, mut command: Command) -> Probe {
        let port = free_port().unwrap();
        let listen = "UPGUARD_PROBE__METRICS_LISTEN";
        if command.get_envs().all(|(name, _)| name != listen) {
            command.env(listen, format!("127.0.0.1:{port}"));
        }
        let log = self.dir.path().join(format!("{worker}-{port}.log"));
        Probe { process: Process::spawn(worker, command, &log).unwrap(), port }
    }

    /// Puts an entry on `stream`; returns its id.
    pub(crate) fn push(&self, stream: &str, fields: &[(&str, &str)]) -> String {
        let mut command = vec!["XADD", stream, "*"];
        command.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
        self.redis.cli(&command).unwrap()
    }

    /// Puts a job on the shared stream, due now, with `extra` fields. Returns its entry.
    pub(crate) fn push_job(&self, path: &str, extra: &[(&str, &str)]) -> String {
        let (id, url) = (Uuid::new_v4().to_string(), self.site.url(path));
        let mut fields = vec![("id", id.as_str()), ("url", &url)];
        fields.extend_from_slice(extra);
        self.push(JOBS, &fields)
    }

    /// Redis time, seconds.
    pub(crate) fn now(&self) -> i64 {
        self.redis.cli(&["TIME"]).unwrap().lines().next().unwrap().parse().unwrap()
    }

    /// Every outcome on the results stream, with the worker who sent it; and how many entries they came in.
    pub(crate) fn outcomes_and_entries(&self) -> (Vec<(String, Outcome)>, usize) {
        let read = self.results(0);
        let batches = read.into_iter().filter_map(|payload| match payload {
            Payload::Outcomes(batch) => Some(batch),
            Payload::Facts(_) => None,
        });
        let mut all = Vec::new();
        let mut entries = 0;
        for batch in batches {
            entries += 1;
            all.extend(batch.outcomes.into_iter().map(|outcome| (batch.worker.clone(), outcome)));
        }
        (all, entries)
    }

    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes_and_entries().0.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// What is on the results stream of `lane`.
    pub(crate) fn results(&self, lane: u16) -> Vec<Payload> {
        let region: Region = REGION.parse().unwrap();
        let keys = Keys::new(JOBS, lane).unwrap();
        let entries = self.runtime.block_on(async {
            let mut line: Line = Link::new(&self.redis.url(), 1).unwrap().own().await.unwrap();
            wire::read_results(&mut line, &keys, &[(region, 10_000)], &Positions::new()).await.unwrap()
        });
        entries.into_iter().map(|entry| entry.payload.unwrap()).collect()
    }

    /// Whether anything was handed in on a lane.
    pub(crate) fn has_outcome(&self, lane: u16) -> bool {
        self.results(lane).iter().any(|payload| matches!(payload, Payload::Outcomes(_)))
    }

    /// Waits for `count` outcomes and returns them; more are a failure.
    pub(crate) fn expect_outcomes(&self, count: usize) -> Vec<Outcome> {
        until(&format!("{count} outcomes"), || self.outcomes().len() >= count);
        let outcomes = self.outcomes();
        assert_eq!(outcomes.len(), count, "{outcomes:#?}");
        outcomes
    }

    /// Jobs handed out and not acknowledged, on both streams.
    pub(crate) fn pending(&self) -> usize {
        [JOBS, OWN].iter().map(|stream| self.pending_of(stream)).sum()
    }

    pub(crate) fn pending_of(&self, stream: &str) -> usize {
        let summary = self.redis.cli(&["XPENDING", stream, REGION]).unwrap();
        summary.lines().next().unwrap().parse().unwrap()
    }

    pub(crate) fn expect_nothing_pending(&self) {
        until("nothing pending", || self.pending() == 0);
    }
}

/// The binary without any configuration of this machine's.
pub(crate) fn bare_command() -> Command {
    bare(Path::new(env!("CARGO_BIN_EXE_upguard-probe")))
}

impl Probe {
    /// Where its admin port is.
    pub(crate) fn listen(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Status and body of the admin port's answer; nothing if there is none.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        answer(&format!("http://{}{path}", self.listen())).ok()
    }

    /// The value of a series by its full name, labels included but for the region, which all of them carry.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let (_, text) = self.get("/metrics").unwrap();
        let text = without_region(&text);
        value(&text, series).unwrap_or_else(|| panic!("no series {series} in:\n{text}")).parse().unwrap()
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        self.process.signal(signal).unwrap();
    }

    /// Its exit code, once it has ended by itself.
    pub(crate) fn exit_code(&mut self) -> i32 {
        let status = self.process.wait(PATIENCE).unwrap_or_else(|| panic!("still running:\n{}", self.log()));
        status.code().unwrap_or_else(|| panic!("{status}:\n{}", self.log()))
    }

    pub(crate) fn log(&self) -> String {
        self.process.log_tail(200)
    }
}

fn without_region(text: &str) -> String {
    let label = text.split("region=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let label = format!("region=\"{label}\"");
    text.replace(&format!("{{{label}}}"), "").replace(&format!(",{label}"), "").replace(&format!("{label},"), "")
}

/// Polls until `holds`, and fails the test when that takes too long.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
