//! Everything that runs: started one after the other with a sign of life from each, watched, and stopped in the opposite order.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::{Map, Value};
use testbed::process::Process;
use testbed::servers::free_port;
use testbed::service::{Service, binary};
use testbed::system::{Control, TestSystem};

use super::api::agent;
use super::folder::Folder;
use crate::interrupts::Interrupts;
use crate::node::Node;
use crate::screen::say;

const START_LIMIT: Duration = Duration::from_mins(1);
/// A probe finishes its checks and hands in their outcomes.
const STOP_GRACE: Duration = Duration::from_secs(15);

/// The demo sites.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) http: String,
    pub(crate) https: String,
    /// The authority that signed the TLS site.
    ca: PathBuf,
}

/// A control replica's two addresses.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) api: String,
    pub(crate) admin: String,
}

/// All servers and programs of one `up`.
#[derive(Debug)]
pub(crate) struct LocalSystem<'a> {
    interrupts: &'a Interrupts,
    /// Settings of the control plane beyond what every `up` has.
    settings: &'static [(&'static str, &'static str)],
    vite: Vec<Process>,
    probes: Vec<Process>,
    control: Vec<Process>,
    world: Vec<Process>,
    servers: Option<TestSystem>,
    folder: Folder,
}

impl<'a> LocalSystem<'a> {
    pub(crate) fn new(folder: Folder, interrupts: &'a Interrupts) -> Self {
        let (vite, probes, control, world) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { interrupts, settings: &[], vite, probes, control, world, servers: None, folder }
    }

    /// The same, with further settings of the control plane.
    pub(crate) fn with(mut self, settings: &'static [(&'static str, &'static str)]) -> Self {
        self.settings = settings;
        self
    }

    /// Where every program writes its log.
    pub(crate) fn logs(&self) -> PathBuf {
        self.folder.dir.join("logs")
    }

    /// What to type to start from nothing.
    pub(crate) fn fresh_command(&self) -> String {
        self.folder.fresh_command()
    }

    pub(crate) fn password(&self) -> &str {
        &self.folder.kept.password
    }

    pub(crate) fn postgres_url(&self) -> String {
        self.servers.as_ref().map(TestSystem::database_url).unwrap_or_default()
    }

    pub(crate) fn redis_url(&self) -> String {
        self.servers.as_ref().map(|servers| servers.redis().url()).unwrap_or_default()
    }

    pub(crate) fn start_servers(&mut self) -> Result<()> {
        self.servers = Some(TestSystem::servers(&self.folder.dir)?);
        self.interrupts.check()
    }

    fn servers(&self) -> Result<&TestSystem> {
        self.servers.as_ref().context("PostgreSQL and Redis are not started")
    }

    /// Starts a program of ours, working in the folder.
    fn spawn(&self, service: &Service) -> Result<Process> {
        let mut command = service.command();
        command.current_dir(&self.folder.dir);
        Process::spawn(&service.name, command, service.log())
    }

    /// Starts the demo sites on the ports they had last time; they say on one line where they are.
    pub(crate) fn start_world(&mut self) -> Result<World> {
        let ca = self.folder.dir.join("world-ca.pem");
        let at = |port: u16| format!("127.0.0.1:{port}");
        let service = Service::new("world", binary("loadtest")?, &self.folder.dir)
            .arg("world")
            .arg("--listen")
            .arg(&at(self.folder.kept.http_port))
            .arg("--tls-listen")
            .arg(&at(self.folder.kept.tls_port))
            .arg("--ca-out")
            .arg(&ca.to_string_lossy());
        let log = service.log().to_owned();
        self.world.push(self.spawn(&service)?);
        let line = self.poll(START_LIMIT, || Ok(ready_line(&fs::read_to_string(&log).unwrap_or_default())))?;
        let line = line.with_context(|| format!("the demo sites are not ready, see {}", log.display()))?;
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        Ok(World { http: text("http"), https: text("https"), ca })
    }

    pub(crate) fn migrate_and_seed(&mut self, email: &str, monitors: &Value) -> Result<()> {
        let file = self.folder.dir.join("demo-monitors.json");
        fs::write(&file, format!("{monitors:#}\n")).with_context(|| format!("cannot write {}", file.display()))?;
        let migrate = self.configured(self.servers()?.control_command("migrate", "migrate")?);
        let fresh = self.fresh_command();
        self.complete(&migrate).with_context(|| {
            format!("if the data is of a version with other migrations, start from nothing: `{fresh}`")
        })?;
        let seed = self.configured(self.servers()?.control_command("seed", "seed")?);
        let seed = seed.env("UPGUARD_SEED__EMAIL", email).env("UPGUARD_SEED__PASSWORD", self.password());
        self.complete(&seed.env("UPGUARD_SEED__MONITORS", &file.to_string_lossy()))
    }

    /// With the secrets that stay between runs, and what else this run wants.
    fn configured(&self, control: Service) -> Service {
        let kept = &self.folder.kept;
        let control = control.env("UPGUARD_AUTH__SECRET", &kept.secret).env("UPGUARD_SECRETS__KEY", &kept.secrets_key);
        self.settings.iter().fold(control, |control, (name, value)| control.env(name, value))
    }

    /// Runs a program that ends by itself.
    fn complete(&mut self, service: &Service) -> Result<()> {
        let (name, mut process) = (&service.name, self.spawn(service)?);
        let status = self.poll(Duration::from_mins(2), || Ok(process.try_wait()))?;
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("`upguard-control {name}` failed ({status}):\n{}", process.log_tail(20)),
            None => bail!("`upguard-control {name}` does not end:\n{}", process.log_tail(20)),
        }
    }

    /// Starts the replicas, the first at `port`, and waits until all are ready. People meet them at `public_url`.
    pub(crate) fn start_control(&mut self, port: u16, replicas: u32, public_url: &str) -> Result<Vec<Replica>> {
        let mut started = Vec::new();
        for number in 1..=replicas {
            let port = if number == 1 { port } else { free_port()? };
            let Control { service, api, admin } = self.servers()?.replica(&format!("control-{number}"), port)?;
            let service = self.configured(service).env("UPGUARD_PUBLIC_URL", public_url);
            self.control.push(self.spawn(&service)?);
            started.push(Replica { api, admin });
        }
        for (number, replica) in started.iter().enumerate() {
            self.wait_ready(&format!("control-{}", number + 1), &replica.admin)?;
        }
        Ok(started)
    }

    /// Starts the dashboard's development server, which passes what it is asked of the API on to `api`.
    pub(crate) fn start_vite(&mut self, node: &Node, port: u16, api: &str) -> Result<()> {
        let mut command = node.npm(&["run", "dev", "--", "--port", &port.to_string(), "--strictPort"]);
        command.env("UPGUARD_API", api);
        let log = self.logs().join("vite.log");
        self.vite.push(Process::spawn("vite", command, &log)?);
        let agent = agent();
        let page = format!("http://127.0.0.1:{port}/");
        let ready = self.poll(START_LIMIT, || {
            Ok(agent.get(&page).call().is_ok_and(|answer| answer.status() == 200).then_some(()))
        })?;
        ready.with_context(|| format!("Vite does not answer, see {}", log.display()))
    }

    /// Starts the probes and waits until all are ready. Returns the addresses of their admin ports.
    pub(crate) fn start_probes(&mut self, regions: &[&str], per_region: u32, world: &World) -> Result<Vec<String>> {
        let mut started = Vec::new();
        for region in regions {
            for number in 1..=per_region {
                let (worker, port) = (format!("{region}-{number}"), free_port()?);
                let name = format!("probe-{worker}");
                let probe = Service::new(&name, binary("upguard-probe")?, &self.folder.dir)
                    .arg("run")
                    .env("REGION_ID", region)
                    .env("WORKER_ID", &worker)
                    .env("REDIS_URL", &self.redis_url())
                    .env("UPGUARD_PROBE__EGRESS__ALLOW", "127.0.0.0/8")
                    .env("UPGUARD_PROBE__EGRESS__CA", &world.ca.to_string_lossy())
                    .env("UPGUARD_PROBE__METRICS_LISTEN", &format!("127.0.0.1:{port}"))
                    // An idle probe stops when its blocking read returns; nobody likes to wait five seconds after Ctrl-C.
                    .env("UPGUARD_PROBE__BLOCK", "1s");
                self.probes.push(self.spawn(&probe)?);
                started.push((name, format!("http://127.0.0.1:{port}")));
            }
        }
        started.iter().try_for_each(|(name, admin)| self.wait_ready(name, admin))?;
        Ok(started.into_iter().map(|(_, admin)| admin).collect())
    }

    /// Waits for `/readyz`; its answer says what is not ready.
    fn wait_ready(&mut self, name: &str, admin: &str) -> Result<()> {
        let (agent, mut last) = (agent(), String::from("no answer"));
        let ready = self.poll(START_LIMIT, || {
            if let Ok(mut response) = agent.get(format!("{admin}/readyz")).call() {
                last = response.body_mut().read_to_string().unwrap_or_default();
                return Ok((response.status() == 200).then_some(()));
            }
            Ok(None)
        })?;
        if ready.is_none() {
            let tail = self.programs().find(|process| process.name() == name).map(|process| process.log_tail(20));
            bail!("{name} is not ready after {} s ({last}):\n{}", START_LIMIT.as_secs(), tail.unwrap_or_default());
        }
        Ok(())
    }

    /// Asks `ready` until it returns something or `limit` is over, as long as everything runs and nobody interrupts.
    pub(crate) fn poll<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let interrupts = self.interrupts;
        interrupts.poll(limit, || {
            self.all_run()?;
            ready()
        })
    }

    /// Stays until something ends unasked or somebody interrupts; both are errors.
    pub(crate) fn watch(&mut self) -> Result<()> {
        loop {
            self.poll(Duration::from_hours(1), || Ok(None::<()>))?;
        }
    }

    fn all_run(&mut self) -> Result<()> {
        for process in self.programs() {
            if let Some(status) = process.try_wait() {
                let (name, log) = (process.name(), process.log().display());
                bail!("{name} ended unasked ({status}); the end of {log}:\n{}", process.log_tail(30));
            }
        }
        Ok(())
    }

    fn programs(&mut self) -> impl Iterator<Item = &mut Process> {
        let servers = self.servers.iter_mut().flat_map(TestSystem::processes);
        servers.chain(&mut self.world).chain(&mut self.control).chain(&mut self.probes).chain(&mut self.vite)
    }

    /// The process ids by name, ours included.
    pub(crate) fn pids(&mut self) -> Value {
        let mut pids: Map<String, Value> =
            self.programs().map(|process| (process.name().to_owned(), process.pid().into())).collect();
        pids.insert("xtask".to_owned(), std::process::id().into());
        pids.into()
    }

    /// The last lines of every program of ours, for a failure nobody in particular admits to.
    pub(crate) fn tails(&mut self) -> String {
        let ours = self.control.iter().chain(&self.probes);
        let tails = ours.map(|process| format!("── {}\n{}", process.name(), process.log_tail(8)));
        tails.collect::<Vec<_>>().join("\n")
    }

    /// Probes first, since they hand in what they hold; the servers last.
    pub(crate) fn stop(&mut self) {
        say!("stopping");
        for group in [&mut self.vite, &mut self.probes, &mut self.control, &mut self.world] {
            for process in group.iter_mut() {
                let _ = process.signal(Signal::SIGTERM);
            }
            let deadline = Instant::now() + STOP_GRACE;
            for mut process in group.drain(..) {
                if process.wait(deadline.saturating_duration_since(Instant::now())).is_none() {
                    say!("{} does not stop within {} s and is killed", process.name(), STOP_GRACE.as_secs());
                }
                process.kill9();
            }
        }
        // Dropping stops them as they like it.
        self.servers = None;
    }
}

/// The line a program prints when it is ready, among whatever else it logs.
fn ready_line(log: &str) -> Option<Value> {
    let objects = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    objects.into_iter().find(|object| object["http"].is_string() && object["https"].is_string())
}

#[cfg(test)]
mod tests {
    use super::ready_line;

    #[test]
    fn the_ready_line_is_found_among_others() {
        let log = "starting\n{\"level\":\"INFO\"}\n{\"http\":\"http://127.0.0.1:1\",\"https\":\"https://localhost:2\",\"ca\":\"x\"}\nmore";
        assert_eq!(ready_line(log).unwrap()["https"], "https://localhost:2");
        assert_eq!(ready_line("starting\n{\"level\":\"INFO\"}"), None);
        assert_eq!(ready_line("{\"http\":\"http://127."), None);
    }
}
