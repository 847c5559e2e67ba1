//! Only pods of the standard `restricted` are admitted, and the server itself says so: by `PodSecurity` where it is built in, from
//! 1.25 on; before, by a `PodSecurityPolicy` of the same controls, which is what the standard was written down from.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::super::cases::{KUBERNETES, Rendered};
use super::super::cluster::Cluster;
use super::super::pods::pod;
use super::super::yaml::title;
use crate::interrupts::Interrupts;

const NAMESPACE: &str = "admission";

/// Our pods are admitted one by one, and pods that break one control each are not.
pub(super) fn check(cluster: &Cluster, rendered: &[Rendered], interrupts: &Interrupts) -> Result<()> {
    if cluster.version < (1, 25) {
        cluster.give(&["create"], &policy())?;
    }
    make_namespace(cluster, NAMESPACE)?;
    // Where nobody makes it.
    let _ = cluster.ask(&["--namespace", NAMESPACE, "create", "serviceaccount", "default"]);
    let mut good = Value::Null;
    let mut count = 0;
    // As for the oldest Kubernetes: newer ones have fields that this server may not know.
    for one in rendered.iter().filter(|one| one.kubernetes == KUBERNETES[0]) {
        for object in &one.objects {
            let Some(pod) = pod(object) else { continue };
            let pod = bare(pod);
            admitted(cluster, &pod, interrupts).with_context(|| format!("{}, {}", one.case.title(), title(object)))?;
            (good, count) = (pod, count + 1);
        }
    }
    ensure!(count > 10, "only {count} pods were tried");
    for (path, value) in [
        ("/spec/hostNetwork", json!(true)),
        ("/spec/securityContext/sysctls", json!([{"name": "kernel.msgmax", "value": "65536"}])),
        ("/spec/containers/0/securityContext/runAsUser", json!(0)),
        ("/spec/containers/0/securityContext/privileged", json!(true)),
        ("/spec/containers/0/securityContext/capabilities", json!({"add": ["NET_ADMIN"]})),
        ("/spec/volumes", json!([{"name": "root", "hostPath": {"path": "/"}}])),
    ] {
        let (parent, key) = path.rsplit_once('/').unwrap_or_default();
        let mut bad = good.clone();
        bad.pointer_mut(parent).context("the pod is of another shape")?[key] = value;
        let refused = create(cluster, &bad).err().with_context(|| format!("a pod with {path} is admitted"))?;
        let refused = format!("{refused:#}").to_lowercase();
        ensure!(refused.contains("podsecurity") || refused.contains("pod security"), "{path}: {refused}");
    }
    Ok(())
}

/// A namespace that takes restricted pods alone.
pub(super) fn make_namespace(cluster: &Cluster, name: &str) -> Result<()> {
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
    cluster.give(&["create"], &namespace).map(drop)
}

/// The controllers may still be making the namespace's default account.
fn admitted(cluster: &Cluster, pod: &Value, interrupts: &Interrupts) -> Result<()> {
    let mut last = None;
    let done = interrupts.poll(Duration::from_secs(20), || match create(cluster, pod) {
        Ok(_) => Ok(Some(())),
        Err(why) if format!("{why:#}").contains("serviceaccount") => {
            last = Some(why);
            Ok(None)
        }
        Err(why) => Err(why),
    })?;
    done.with_context(|| format!("{last:?}"))
}

fn create(cluster: &Cluster, pod: &Value) -> Result<String> {
    cluster.give(&["--namespace", NAMESPACE, "create", "--dry-run=server", "--validate=false"], pod)
}

/// A pod by itself: without what has to be made for it before.
fn bare(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    for key in ["serviceAccountName", "priorityClassName"] {
        spec.as_object_mut().and_then(|spec| spec.remove(key));
    }
    // A claim stands for the volumes a workload makes claims of.
    let mut volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
    volumes.push(json!({"name": "data", "persistentVolumeClaim": {"claimName": "data"}}));
    spec["volumes"] = json!(volumes);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": spec})
}

fn policy() -> Value {
    let ids = json!({"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]});
    let seccomp = "seccomp.security.alpha.kubernetes.io/allowedProfileNames";
    json!({"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy",
    "metadata": {"name": "restricted", "annotations": {seccomp: "runtime/default"}},
    "spec": {
        "privileged": false, "allowPrivilegeEscalation": false, "requiredDropCapabilities": ["ALL"],
        "hostNetwork": false, "hostIPC": false, "hostPID": false, "readOnlyRootFilesystem": true,
        "volumes": ["configMap", "emptyDir", "projected", "secret", "downwardAPI", "persistentVolumeClaim"],
        "runAsUser": {"rule": "MustRunAsNonRoot"}, "seLinux": {"rule": "RunAsAny"},
        "supplementalGroups": ids, "fsGroup": ids,
    }})
}
