//! What the charts promise beyond being valid: of every rendered object, whatever the values.

mod operators;
mod presence;

use std::collections::HashSet;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::cases::Rendered;
use super::network::admits;
use super::pods::{needs, pod, selects};
use super::security;
use super::yaml::{list, of_kind, title};

/// Addresses that are nobody's website: ours, the neighbours', the machine's, the cloud's.
const PRIVATE: [&str; 16] = [
    "0.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "64:ff9b::a00:1",
    "fc00::1",
    "fe80::1",
    "ff02::1",
];
const PUBLIC: [&str; 4] = ["1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111"];

/// What exists before, in the cases that name it.
const GIVEN: [&str; 7] = [
    "upguard",
    "upguard-postgres",
    "upguard-redis",
    "upguard-region-eu-west",
    "upguard-region-1",
    "authorities",
    "registry",
];

/// All faults of all cases, if there is any.
pub(super) fn check(rendered: &[Rendered]) -> Result<()> {
    let drain = control_drain()?;
    let mut faults = Vec::new();
    for one in rendered {
        let objects = &one.objects;
        let found = [
            pods_are_restricted(objects),
            references_hold(objects),
            workloads_hold_together(objects),
            operators::find_what_they_look_for(objects),
            nothing_ends_before_its_time(objects, drain),
            admin_stays_inside(objects),
            probes_reach_only_the_internet(objects),
            presence::of_what_is_switched_on(one),
        ];
        let about = |fault: String| format!("{}, Kubernetes {}: {fault}", one.case.title(), one.kubernetes);
        faults.extend(found.into_iter().flatten().map(about));
    }
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}

fn pods_are_restricted(objects: &[Value]) -> Vec<String> {
    let of = |object: &Value| -> Vec<String> {
        let faults = pod(object).map_or_else(Vec::new, |pod| security::faults(&pod["spec"]));
        faults.into_iter().map(|fault| format!("{}: {fault}", title(object))).collect()
    };
    let tokens = of_kind(objects, "ServiceAccount").filter(|account| account["automountServiceAccountToken"] != false);
    objects.iter().flat_map(of).chain(tokens.map(|account| format!("{} hands out its token", title(account)))).collect()
}

/// What pods need is rendered too, or was there before.
fn references_hold(objects: &[Value]) -> Vec<String> {
    let there: HashSet<String> = objects.iter().map(title).collect();
    let missing = |object: &Value| -> Vec<String> {
        let needs = pod(object).map_or_else(Vec::new, |pod| needs(&pod["spec"]));
        let needs = needs.into_iter().filter(|(_, name)| !GIVEN.contains(&name.as_str()));
        let lacking = needs.map(|(kind, name)| format!("{kind} {name}")).filter(|need| !there.contains(need));
        lacking.map(|need| format!("{} needs {need}, which nobody makes", title(object))).collect()
    };
    objects.iter().flat_map(missing).collect()
}

/// Selectors find pods; a change of settings or secrets rolls them; they are spread, and replaced one after the other.
fn workloads_hold_together(objects: &[Value]) -> Vec<String> {
    let pods: Vec<&Value> = objects.iter().filter_map(pod).map(|pod| &pod["metadata"]["labels"]).collect();
    let mut faults = Vec::new();
    for service in of_kind(objects, "Service") {
        if !pods.iter().any(|labels| selects(&service["spec"]["selector"], labels)) {
            faults.push(format!("{} selects no pod", title(service)));
        }
    }
    for object in objects.iter().filter(|object| ["Deployment", "PodDisruptionBudget"].contains(&kind(object))) {
        if !pods.iter().any(|labels| selects(&object["spec"]["selector"]["matchLabels"], labels)) {
            faults.push(format!("{} selects no pod", title(object)));
        }
    }
    for deployment in of_kind(objects, "Deployment") {
        let spec = &deployment["spec"];
        let (template, main) = (&spec["template"], &spec["template"]["spec"]["containers"][0]);
        let sums = template["metadata"]["annotations"].as_object().into_iter().flatten();
        let sums: Vec<_> = sums.filter(|(key, _)| key.starts_with("checksum/")).map(|(key, _)| key.as_str()).collect();
        let holds = [
            (sums == ["checksum/ca", "checksum/config", "checksum/secret"], "a change of settings rolls no pod"),
            (spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, "an update takes a pod away first"),
            (list(&template["spec"]["topologySpreadConstraints"]).next().is_some(), "pods are not spread"),
            (!main["readinessProbe"].is_null() && !main["livenessProbe"].is_null(), "nobody asks how it is"),
        ];
        faults.extend(holds.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()));
    }
    faults
}

fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

/// Pods are killed later than they are done. Seconds.
fn nothing_ends_before_its_time(objects: &[Value], control_drain: u64) -> Vec<String> {
    let mut faults = Vec::new();
    for deployment in of_kind(objects, "Deployment") {
        let spec = &deployment["spec"]["template"]["spec"];
        let pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap_or(0);
        let told = of_kind(objects, "ConfigMap").find_map(|map| map["data"]["UPGUARD_PROBE__DRAIN"].as_str());
        let drain = told.map_or(Some(control_drain), |told| told.trim_end_matches('s').parse().ok());
        let grace = spec["terminationGracePeriodSeconds"].as_u64().unwrap_or(0);
        if drain.is_none_or(|drain| grace < pause + drain + 5) {
            faults
                .push(format!("{}: {grace} s are too few for {pause} s and a drain of {drain:?} s", title(deployment)));
        }
    }
    faults
}

/// How long control has to finish, as its sources have it.
fn control_drain() -> Result<u64> {
    let source = fs::read_to_string(testbed::root_dir().join("control/src/lifecycle.rs"))?;
    let found = source.split("const DRAIN: Duration = Duration::from_secs(").nth(1);
    let seconds = found.and_then(|rest| rest.split(')').next()?.parse().ok());
    seconds.context("control/src/lifecycle.rs no longer says `const DRAIN: Duration = Duration::from_secs(…)`")
}

/// The admin port is behind no Ingress, and behind no Service that has an address.
fn admin_stays_inside(objects: &[Value]) -> Vec<String> {
    let admin = [json!("admin"), json!(9090), json!("metrics"), json!(9091)];
    let is_admin = |service: &Value| {
        list(&service["spec"]["ports"]).any(|port| admin.contains(&port["targetPort"]) || admin.contains(&port["port"]))
    };
    let exposed =
        of_kind(objects, "Service").filter(|service| is_admin(service) && service["spec"]["clusterIP"] != "None");
    let mut faults: Vec<String> =
        exposed.map(|service| format!("{} gives the admin port an address", title(service))).collect();
    for ingress in of_kind(objects, "Ingress") {
        for path in list(&ingress["spec"]["rules"]).flat_map(|rule| list(&rule["http"]["paths"])) {
            let backend = &path["backend"]["service"];
            let service = of_kind(objects, "Service").find(|service| service["metadata"]["name"] == backend["name"]);
            match service {
                None => faults.push(format!("{} leads to no Service", title(ingress))),
                Some(service) if is_admin(service) || backend["port"]["name"] != "http" => {
                    faults.push(format!("{} leads to {}", title(ingress), title(service)));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

fn probes_reach_only_the_internet(objects: &[Value]) -> Vec<String> {
    let is_of_probes = |policy: &&Value| {
        let labels = &policy["spec"]["podSelector"]["matchLabels"];
        labels["app.kubernetes.io/name"] == "upguard-probe" && labels["app.kubernetes.io/component"].is_null()
    };
    let mut faults = Vec::new();
    let allowed = of_kind(objects, "ConfigMap").any(|map| !map["data"]["UPGUARD_PROBE__EGRESS__ALLOW"].is_null());
    for policy in of_kind(objects, "NetworkPolicy").filter(is_of_probes) {
        let wrong = |addresses: &[&'static str], port: u16, expected: bool| {
            addresses
                .iter()
                .filter(move |address| admits(policy, address, port) != expected)
                .copied()
                .collect::<Vec<_>>()
        };
        let open = [80, 443, 6380, 8080].into_iter().flat_map(|port| wrong(&PRIVATE, port, false));
        faults.extend(open.map(|address| format!("probes reach {address}")));
        faults.extend(wrong(&PUBLIC, 443, true).into_iter().map(|address| format!("probes do not reach {address}")));
        if allowed && !(admits(policy, "10.20.0.1", 443) && admits(policy, "fd20::1", 443)) {
            faults.push("probes do not reach what egress.allow names".to_owned());
        }
        if allowed && (admits(policy, "203.0.113.1", 443) || admits(policy, "2001:db8:1::1", 443)) {
            faults.push("probes reach what networkPolicy.except names".to_owned());
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn service(name: &str, port: &str, cluster_ip: &str) -> Value {
        json!({"kind": "Service", "metadata": {"name": name, "labels": {"a": "b"}},
            "spec": {"clusterIP": cluster_ip, "selector": {"a": "b"}, "ports": [{"name": port, "port": 1, "targetPort": port}]}})
    }

    fn deployment(grace: u64) -> Value {
        json!({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"terminationGracePeriodSeconds": grace,
                "containers": [{"envFrom": [{"configMapRef": {"name": "m"}}], "ports": [{"name": "metrics"}]}]}}}})
    }

    #[test]
    fn the_admin_port_behind_an_ingress_or_an_address_is_told() {
        let ingress = |to: &str| {
            let backend = json!({"service": {"name": to, "port": {"name": "http"}}});
            json!({"kind": "Ingress", "metadata": {"name": "i"}, "spec": {"rules": [{"http": {"paths": [{"backend": backend}]}}]}})
        };
        let api = service("api", "http", "");
        let admin = service("admin", "admin", "None");
        assert!(admin_stays_inside(&[api.clone(), admin.clone(), ingress("api")]).is_empty());
        assert_eq!(admin_stays_inside(&[api.clone(), admin, ingress("admin")]), ["Ingress i leads to Service admin"]);
        assert_eq!(admin_stays_inside(&[service("x", "admin", "")]), ["Service x gives the admin port an address"]);
        assert_eq!(admin_stays_inside(&[api, ingress("other")]), ["Ingress i leads to no Service"]);
    }

    #[test]
    fn a_pod_that_is_killed_too_early_is_told() {
        assert!(nothing_ends_before_its_time(&[deployment(25)], 20).is_empty());
        assert_eq!(nothing_ends_before_its_time(&[deployment(24)], 20).len(), 1);
        let told = json!({"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"UPGUARD_PROBE__DRAIN": "40s"}});
        assert_eq!(nothing_ends_before_its_time(&[deployment(44), told.clone()], 20).len(), 1);
        assert!(nothing_ends_before_its_time(&[deployment(45), told], 20).is_empty());
    }

    #[test]
    fn what_is_needed_and_not_there_is_told() {
        assert_eq!(references_hold(&[deployment(1)]), ["Deployment d needs ConfigMap m, which nobody makes"]);
        let map = json!({"kind": "ConfigMap", "metadata": {"name": "m"}});
        assert!(references_hold(&[deployment(1), map]).is_empty());
    }

    #[test]
    fn a_way_into_private_networks_is_told() {
        let policy = |except: Value| {
            json!({"kind": "NetworkPolicy", "metadata": {"name": "n"}, "spec": {
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": "upguard-probe"}},
                "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": except}}, {"ipBlock": {"cidr": "2000::/3"}}]}]}})
        };
        let all = json!([
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/3"
        ]);
        assert!(probes_reach_only_the_internet(&[policy(all)]).is_empty());
        let faults = probes_reach_only_the_internet(&[policy(json!(["10.0.0.0/8"]))]);
        assert!(faults.contains(&"probes reach 169.254.169.254".to_owned()), "{faults:?}");
    }
}
