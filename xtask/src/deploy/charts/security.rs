//! What every pod of ours must be: the standard `restricted` of Kubernetes (its list of controls, not its admission, which an
//! old server lacks), and stricter than that: no token, no writable root, no variables of Services, sizes given.
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>

use serde_json::{Value, json};

use super::pods::containers;
use super::yaml::list;

/// The volumes `restricted` allows.
const VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
/// The sysctls `restricted` allows, of those Kubernetes 1.25 has.
const SYSCTLS: [&str; 5] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_syncookies",
];

/// What is wrong with a pod's spec, a sentence each.
pub(crate) fn faults(spec: &Value) -> Vec<String> {
    let mut faults: Vec<String> = [
        ("hostNetwork", spec["hostNetwork"] == true),
        ("hostPID", spec["hostPID"] == true),
        ("hostIPC", spec["hostIPC"] == true),
        ("a token of its service account", spec["automountServiceAccountToken"] != false),
        ("variables of Services", spec["enableServiceLinks"] != false),
        (
            "a sysctl that is not safe",
            list(&spec["securityContext"]["sysctls"]).any(|sysctl| !SYSCTLS.iter().any(|safe| sysctl["name"] == *safe)),
        ),
    ]
    .into_iter()
    .filter(|(_, there)| *there)
    .map(|(what, _)| format!("it has {what}"))
    .collect();
    for volume in list(&spec["volumes"]) {
        let kinds = volume.as_object().into_iter().flatten().map(|(key, _)| key).filter(|key| *key != "name");
        faults.extend(kinds.filter(|kind| !VOLUMES.contains(&kind.as_str())).map(|kind| format!("a volume is {kind}")));
    }
    if containers(spec).next().is_none() {
        faults.push("it has no container".to_owned());
    }
    for container in containers(spec) {
        let name = container["name"].as_str().unwrap_or("?");
        faults.extend(container_faults(spec, container).into_iter().map(|fault| format!("container {name}: {fault}")));
    }
    faults
}

fn container_faults(spec: &Value, container: &Value) -> Vec<&'static str> {
    let own = &container["securityContext"];
    // A container's word wins over its pod's.
    let said = |key: &str| if own[key].is_null() { &spec["securityContext"][key] } else { &own[key] };
    let resources = &container["resources"];
    [
        ("may run as root", said("runAsNonRoot") != true),
        ("runs as nobody in particular, or as root", said("runAsUser").as_u64().is_none_or(|user| user == 0)),
        ("has no seccomp profile", said("seccompProfile")["type"] != "RuntimeDefault"),
        ("may gain privileges", own["allowPrivilegeEscalation"] != false),
        ("is privileged", own["privileged"] == true),
        ("keeps capabilities", own["capabilities"] != json!({"drop": ["ALL"]})),
        ("may write to its root", own["readOnlyRootFilesystem"] != true),
        ("has a port of its node", list(&container["ports"]).any(|port| !port["hostPort"].is_null())),
        ("asks for no cpu", resources["requests"]["cpu"].is_null()),
        ("asks for no memory", resources["requests"]["memory"].is_null()),
        ("may take all memory", resources["limits"]["memory"].is_null()),
    ]
    .into_iter()
    .filter_map(|(fault, is_there)| is_there.then_some(fault))
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::faults;

    fn good() -> Value {
        json!({
            "automountServiceAccountToken": false, "enableServiceLinks": false,
            "securityContext": {"runAsNonRoot": true, "runAsUser": 1, "seccompProfile": {"type": "RuntimeDefault"},
                "sysctls": [{"name": "net.ipv4.ping_group_range", "value": "1 1"}]},
            "volumes": [{"name": "tmp", "emptyDir": {}}],
            "containers": [{"name": "a",
                "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]}},
                "resources": {"requests": {"cpu": 1, "memory": 1}, "limits": {"memory": 1}}}],
        })
    }

    #[test]
    fn each_way_to_be_wrong_is_one_fault() {
        assert_eq!(faults(&good()), [""; 0]);
        for (path, value, expected) in [
            ("/hostNetwork", json!(true), "it has hostNetwork"),
            ("/automountServiceAccountToken", Value::Null, "it has a token of its service account"),
            ("/enableServiceLinks", json!(true), "it has variables of Services"),
            ("/securityContext/sysctls/0/name", json!("kernel.msgmax"), "it has a sysctl that is not safe"),
            ("/volumes/0", json!({"name": "a", "hostPath": {}}), "a volume is hostPath"),
            ("/containers", json!([]), "it has no container"),
            ("/containers/0/securityContext/runAsNonRoot", json!(false), "container a: may run as root"),
            ("/securityContext/runAsUser", json!(0), "container a: runs as nobody in particular, or as root"),
            ("/securityContext/seccompProfile", Value::Null, "container a: has no seccomp profile"),
            ("/containers/0/securityContext/allowPrivilegeEscalation", Value::Null, "container a: may gain privileges"),
            ("/containers/0/securityContext/capabilities/add", json!(["NET_RAW"]), "container a: keeps capabilities"),
            (
                "/containers/0/securityContext/readOnlyRootFilesystem",
                json!(false),
                "container a: may write to its root",
            ),
            ("/containers/0/resources/limits", Value::Null, "container a: may take all memory"),
        ] {
            let mut bad = good();
            let (parent, key) = path.rsplit_once('/').unwrap();
            let parent = bad.pointer_mut(parent).unwrap();
            match key.parse::<usize>() {
                Ok(place) => parent[place] = value,
                Err(_) => parent[key] = value,
            }
            assert_eq!(faults(&bad), [expected], "{path}");
        }
    }
}
