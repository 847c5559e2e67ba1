//! A namespace of a cluster, and commands in it as people type them: `helm` and `kubectl` in a shell, at the top of the checkout.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::super::cluster::Cluster;
use super::super::helm::{helm, output};
use super::{admission, any_left, ready};
use crate::interrupts::Interrupts;

/// How long the cluster may take to do what it was told.
const LIMIT: Duration = Duration::from_mins(1);
/// What a release may leave behind.
const KINDS: &str = "deployments,statefulsets,replicasets,pods,services,configmaps,secrets,serviceaccounts,\
    networkpolicies,ingresses";

/// A namespace of its own.
pub(super) struct Site<'a> {
    cluster: &'a Cluster,
    interrupts: &'a Interrupts,
    namespace: String,
    /// `PATH` with this helm first.
    path: OsString,
}

impl<'a> Site<'a> {
    pub(super) fn new(cluster: &'a Cluster, program: &Path, what: &str, interrupts: &'a Interrupts) -> Result<Self> {
        let namespace = super::namespace(program, what);
        admission::make_namespace(cluster, &namespace)?;
        let bin = cluster.folder().join(format!("bin-{namespace}"));
        fs::create_dir_all(&bin)?;
        symlink(program, bin.join("helm"))?;
        let path = std::env::join_paths([bin.as_path(), Path::new("/usr/bin"), Path::new("/bin")])?;
        Ok(Self { cluster, interrupts, namespace, path })
    }

    pub(super) fn makes_pods(&self) -> bool {
        self.cluster.makes_pods
    }

    /// A command line of helm, in this namespace.
    pub(super) fn sh(&self, line: &str) -> Result<String> {
        self.interrupts.check()?;
        let mut shell = helm(Path::new("sh"));
        shell.args(["-c", line]).env("PATH", &self.path).env("KUBECONFIG", self.cluster.kubeconfig());
        shell.env("HELM_NAMESPACE", &self.namespace);
        output(&mut shell).with_context(|| line.to_owned())
    }

    pub(super) fn give(&self, object: &Value) -> Result<String> {
        self.cluster.give(&["--namespace", &self.namespace, "apply"], object)
    }

    fn get(&self, arguments: &[&str]) -> Result<Value> {
        self.cluster.get(&[&["--namespace", &self.namespace], arguments].concat())
    }

    /// Groups and versions the server has.
    pub(super) fn api_versions(&self) -> Result<String> {
        self.cluster.ask(&["api-versions"])
    }

    /// Waits until so many pods of a deployment are ready, and no other is there. Without pods it only has to be there.
    pub(super) fn expect_ready(&self, deployment: &str, pods: u64) -> Result<()> {
        let mut seen = (0, 0);
        let done = self.interrupts.poll(LIMIT, || {
            seen = ready(&self.get(&["deployment", deployment])?);
            Ok((!self.makes_pods() || seen == (pods, pods)).then_some(()))
        })?;
        done.with_context(|| format!("{deployment} has {} pods of {} ready, not {pods}", seen.0, seen.1))
    }

    /// Waits until nothing of a release is left but what is to stay.
    pub(super) fn expect_gone(&self, release: &str) -> Result<()> {
        let selector = format!("app.kubernetes.io/instance={release}");
        let mut left = Value::Null;
        let done = self.interrupts.poll(LIMIT, || {
            left = self.get(&[KINDS, "--selector", &selector])?;
            Ok((!any_left(&left)).then_some(()))
        })?;
        match done {
            Some(()) => Ok(()),
            None => bail!("left of {release}: {}", left["items"]),
        }
    }

    /// A setting of a release's `ConfigMap`.
    pub(super) fn setting(&self, release: &str, key: &str) -> Result<String> {
        let map = self.get(&["configmap", release])?;
        map["data"][key].as_str().map(str::to_owned).with_context(|| format!("{release} has no setting {key}"))
    }

    /// The content of a Secret.
    pub(super) fn secret(&self, name: &str) -> Result<Value> {
        Ok(self.get(&["secret", name])?["data"].take())
    }

    /// The pods a deployment makes.
    pub(super) fn template(&self, deployment: &str) -> Result<Value> {
        Ok(self.get(&["deployment", deployment])?["spec"]["template"].take())
    }
}
