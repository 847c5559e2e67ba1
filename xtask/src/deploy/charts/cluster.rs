//! A Kubernetes API server with etcd behind it, on loopback, gone when dropped: the real programs of the folder that
//! `KUBEBUILDER_ASSETS` names. Where the controller manager is among them, workloads get pods too, and a kubelet of our own
//! calls them ready without running anything.

mod kubelet;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testbed::process::{Process, find_in_path};
use testbed::servers::{free_port, install};

use self::kubelet::Kubelet;
use super::helm::output;
use super::tools::Tools;
use crate::interrupts::Interrupts;

/// How long it may take to start.
const START_LIMIT: Duration = Duration::from_mins(2);
/// What makes pods of workloads and clears away after them.
const CONTROLLERS: &str = "deployment,replicaset,statefulset,job,endpoint,endpointslice,garbagecollector,namespace,\
    serviceaccount,disruption";

/// A running cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    kubectl: PathBuf,
    /// Major and minor, such as 1 and 20.
    pub(crate) version: (u32, u32),
    /// Whether workloads get pods.
    pub(crate) makes_pods: bool,
    /// In the order of their start; they are stopped in the other.
    processes: Vec<Process>,
    kubelet: Option<Kubelet>,
}

/// The folder of the server's programs, if somebody names one.
pub(crate) fn assets() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the name under which Kubernetes' own test tools look for these programs"
    )]
    let folder = std::env::var("KUBEBUILDER_ASSETS").ok()?;
    Some(PathBuf::from(folder)).filter(|folder| folder.join("kube-apiserver").exists())
}

impl Cluster {
    /// Starts it, and waits until it is ready.
    pub(crate) fn start(assets: &Path, tools: &Tools, interrupts: &Interrupts) -> Result<Self> {
        let folder = TempDir::with_prefix_in("cluster-", testbed::target_dir())
            .context("cannot make a folder for the cluster")?;
        let version = version(&assets.join("kube-apiserver"))?;
        let mut cluster = Self {
            folder,
            kubectl: tools.kubectl.clone(),
            version,
            makes_pods: false,
            processes: Vec::new(),
            kubelet: None,
        };
        let etcd = cluster.etcd(assets)?;
        cluster.api_server(assets, &etcd)?;
        cluster.wait(interrupts)?;
        if assets.join("kube-controller-manager").exists() {
            cluster.controllers(assets)?;
        }
        Ok(cluster)
    }

    /// `kubectl`, as the one who may do everything.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.kubectl);
        command.arg("--kubeconfig").arg(self.kubeconfig()).args(arguments);
        command
    }

    /// What kubectl prints.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<String> {
        output(&mut self.kubectl(arguments)).with_context(|| format!("kubectl {}", arguments.join(" ")))
    }

    /// What it has, as JSON.
    pub(crate) fn get(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.ask(&[&["get", "--output", "json"], arguments].concat())?;
        Ok(serde_json::from_str(&text)?)
    }

    /// `kubectl <words> -f` this object.
    pub(crate) fn give(&self, words: &[&str], object: &Value) -> Result<String> {
        let file = self.folder.path().join("object.json");
        fs::write(&file, object.to_string())?;
        output(self.kubectl(words).arg("--filename").arg(&file))
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Where its files are; others may put theirs there.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn spawn(&mut self, name: &str, command: Command) -> Result<()> {
        let log = self.folder.path().join(format!("{name}.log"));
        self.processes.push(Process::spawn(name, command, &log)?);
        Ok(())
    }

    /// The address it serves at.
    fn etcd(&mut self, assets: &Path) -> Result<String> {
        let program = Some(assets.join("etcd")).filter(|own| own.exists());
        if program.is_none() {
            install::ensure(&["etcd-server"])?;
        }
        let program = program.or_else(|| find_in_path("etcd")).context("there is no etcd")?;
        let [clients, peers] = [free_port()?, free_port()?].map(|port| format!("http://127.0.0.1:{port}"));
        let mut etcd = Command::new(program);
        etcd.arg("--data-dir").arg(self.folder.path().join("etcd")).args(["--log-level", "error"]);
        etcd.args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
        etcd.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
        etcd.arg(format!("--initial-cluster=default={peers}"));
        self.spawn("etcd", etcd)?;
        Ok(clients)
    }

    fn api_server(&mut self, assets: &Path, etcd: &str) -> Result<()> {
        let (port, token, key) = (free_port()?, token()?, self.folder.path().join("accounts.key"));
        let made = Command::new("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048").output();
        ensure!(made.context("cannot run openssl")?.status.success(), "openssl makes no key");
        fs::write(self.folder.path().join("tokens.csv"), format!("{token},admin,1,\"system:masters\"\n"))?;
        fs::write(self.kubeconfig(), kubeconfig(port, &token))?;
        let key = key.display();
        let mut server = Command::new(assets.join("kube-apiserver"));
        server.args([
            "--bind-address=127.0.0.1",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
        ]);
        server.args([format!("--etcd-servers={etcd}"), format!("--secure-port={port}")]);
        server.arg(format!("--cert-dir={}", self.folder.path().join("certificates").display()));
        server.arg(format!("--token-auth-file={}", self.folder.path().join("tokens.csv").display()));
        server.args([
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={key}"),
            format!("--service-account-signing-key-file={key}"),
        ]);
        if self.version < (1, 25) {
            server.arg("--enable-admission-plugins=PodSecurityPolicy");
        }
        self.spawn("kube-apiserver", server)
    }

    fn wait(&mut self, interrupts: &Interrupts) -> Result<()> {
        let ready = interrupts.poll(START_LIMIT, || {
            if let Some(gone) =
                self.processes.iter_mut().find_map(|process| process.try_wait().map(|_| process.log_tail(5)))
            {
                bail!("the cluster does not start: {gone}");
            }
            Ok(self.ask(&["get", "--raw", "/readyz"]).ok().filter(|answer| answer == "ok"))
        })?;
        ready.map(drop).context("the API server is not ready in time")
    }

    fn controllers(&mut self, assets: &Path) -> Result<()> {
        let mut manager = Command::new(assets.join("kube-controller-manager"));
        manager.arg(format!("--kubeconfig={}", self.kubeconfig().display()));
        manager.args(["--leader-elect=false", "--secure-port=0", &format!("--controllers={CONTROLLERS}")]);
        if self.version < (1, 24) {
            manager.arg("--port=0");
        }
        self.spawn("kube-controller-manager", manager)?;
        let port = free_port()?;
        let proxy = self.kubectl(&["proxy", "--port", &port.to_string()]);
        self.spawn("kubectl proxy", proxy)?;
        self.kubelet = Some(Kubelet::start(port));
        self.makes_pods = true;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kubelet = None;
        while self.processes.pop().is_some() {}
    }
}

fn kubeconfig(port: u16, token: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n\
         clusters: [{{name: test, cluster: {{server: \"https://127.0.0.1:{port}\", insecure-skip-tls-verify: true}}}}]\n\
         users: [{{name: test, user: {{token: {token}}}}}]\n"
    )
}

fn token() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// `Kubernetes v1.20.2`
fn version(server: &Path) -> Result<(u32, u32)> {
    let said = output(Command::new(server).arg("--version"))?;
    let numbers = said.trim().rsplit('v').next().unwrap_or_default();
    let mut numbers = numbers.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => bail!("{} says it is `{said}`", server.display()),
    }
}
