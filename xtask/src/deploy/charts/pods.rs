//! Where pods hide in objects, and what they refer to.

use serde_json::Value;

use super::yaml::list;

/// The pod a workload makes, or the object itself where it is one.
pub(crate) fn pod(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "Pod" => Some(object),
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => Some(&object["spec"]["template"]),
        _ => None,
    }
}

/// Containers of a pod's spec, those that run first included.
pub(crate) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(|kind| list(&spec[kind]))
}

/// Names of the Secrets and `ConfigMap`s a pod cannot start without, each with its kind.
pub(crate) fn needs(spec: &Value) -> Vec<(&'static str, String)> {
    let mut needs = Vec::new();
    let mut add = |kind, source: &Value, name: &str| {
        if let Some(name) = source[name].as_str().filter(|_| source["optional"] != true) {
            needs.push((kind, name.to_owned()));
        }
    };
    for container in containers(spec) {
        for source in list(&container["envFrom"]) {
            add("ConfigMap", &source["configMapRef"], "name");
            add("Secret", &source["secretRef"], "name");
        }
        for variable in list(&container["env"]) {
            add("ConfigMap", &variable["valueFrom"]["configMapKeyRef"], "name");
            add("Secret", &variable["valueFrom"]["secretKeyRef"], "name");
        }
    }
    for volume in list(&spec["volumes"]) {
        add("ConfigMap", &volume["configMap"], "name");
        add("Secret", &volume["secret"], "secretName");
    }
    needs
}

/// Whether labels are among others: what a selector asks.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let asked = selector.as_object().filter(|asked| !asked.is_empty());
    asked.is_some_and(|asked| asked.iter().all(|(key, value)| labels[key] == *value))
}
