//! A kubelet that runs nothing: it calls every pod running and ready, one that is to end (as those of `helm test` are) ended
//! well, and lets go of those that are deleted. So rollouts end, budgets count, and `helm --wait` has something to wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use ureq::Agent;

use crate::deploy::charts::yaml::list;

/// Between two looks at all pods.
const PAUSE: Duration = Duration::from_millis(200);
/// When, in the only words it needs: no pod is asked how old it is.
const SINCE: &str = "2020-01-01T00:00:00Z";

/// It works until it is dropped.
#[derive(Debug)]
pub(super) struct Kubelet {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Kubelet {
    /// Looks after all pods behind `kubectl proxy` on this port.
    pub(super) fn start(port: u16) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
            let api = Api { agent, root: format!("http://127.0.0.1:{port}") };
            while !stopped.load(Ordering::SeqCst) {
                // A pod that changes meanwhile is looked at again.
                let _ = api.look();
                std::thread::sleep(PAUSE);
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

struct Api {
    agent: Agent,
    root: String,
}

impl Api {
    fn look(&self) -> Result<()> {
        let pods: Value = self.agent.get(format!("{}/api/v1/pods", self.root)).call()?.body_mut().read_json()?;
        for pod in list(&pods["items"]) {
            let _ = self.serve(pod);
        }
        Ok(())
    }

    fn serve(&self, pod: &Value) -> Result<()> {
        let text = |key: &str| pod["metadata"][key].as_str().unwrap_or_default();
        let path = format!("{}/api/v1/namespaces/{}/pods/{}", self.root, text("namespace"), text("name"));
        if !pod["metadata"]["deletionTimestamp"].is_null() {
            self.agent.delete(format!("{path}?gracePeriodSeconds=0")).call()?;
        } else if pod["status"]["phase"] == "Pending" {
            if pod["spec"]["nodeName"].is_null() {
                let binding = json!({"apiVersion": "v1", "kind": "Binding", "metadata": {"name": text("name")},
                    "target": {"apiVersion": "v1", "kind": "Node", "name": "node-0"}});
                self.agent.post(format!("{path}/binding")).send_json(binding)?;
            }
            let patch = self.agent.patch(format!("{path}/status")).content_type("application/merge-patch+json");
            patch.send(json!({"status": status(&pod["spec"])}).to_string())?;
        }
        Ok(())
    }
}

fn status(spec: &Value) -> Value {
    let ends = spec["restartPolicy"] == "Never";
    let state = if ends {
        json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": SINCE, "finishedAt": SINCE}})
    } else {
        json!({"running": {"startedAt": SINCE}})
    };
    let of = |container: &Value| {
        json!({"name": container["name"], "image": container["image"], "imageID": "none", "ready": !ends, "restartCount": 0,
            "started": !ends, "state": state})
    };
    let conditions = ["Initialized", "PodScheduled", "ContainersReady", "Ready"];
    let conditions = conditions.map(|kind| json!({"type": kind, "status": "True", "lastTransitionTime": SINCE}));
    json!({"phase": if ends { "Succeeded" } else { "Running" }, "startTime": SINCE, "podIP": "10.244.0.2",
        "conditions": conditions, "containerStatuses": list(&spec["containers"]).map(of).collect::<Vec<_>>()})
}
