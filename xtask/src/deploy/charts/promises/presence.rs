//! Each case is there for something, and that is rendered: so that no switch turns on nothing.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::super::cases::Rendered;
use super::super::pods::containers;
use super::super::yaml::{self, list, of_kind, title};

/// Of each case what it is there for.
pub(super) fn of_what_is_switched_on(one: &Rendered) -> Vec<String> {
    let expected: &[&str] = match one.case.title().as_str() {
        "upguard-control/ci/quickstart" => &[
            "StatefulSet upguard-postgres",
            "StatefulSet upguard-redis",
            "Secret upguard-region-eu-west",
            "Secret upguard-region-us-east",
            "NetworkPolicy upguard-redis",
            "Pod upguard-test",
        ],
        "upguard-control/ci/external" => &[
            "Deployment upguard",
            "PodDisruptionBudget upguard",
            "NetworkPolicy upguard",
            "Service upguard",
            "Service upguard-admin",
            "ServiceAccount upguard",
        ],
        "upguard-control/ci/inline" | "upguard-probe/ci/inline" => &["Secret upguard", "ConfigMap upguard-ca"],
        "upguard-control/ci/ingress" => &["Ingress upguard", "HorizontalPodAutoscaler upguard"],
        "upguard-control/ci/monitored" => &["ServiceMonitor upguard", "PrometheusRule upguard"],
        "upguard-control/ci/plain" => &["Deployment watch", "Ingress watch"],
        "upguard-probe/ci/region" => {
            &["Deployment upguard", "PodDisruptionBudget upguard", "NetworkPolicy upguard", "Pod upguard-test"]
        }
        "upguard-probe/ci/busy" => &["HorizontalPodAutoscaler upguard", "PodMonitor upguard"],
        "upguard-probe/ci/lagging" => &["ScaledObject upguard"],
        "upguard-probe/ci/plain" => &["Deployment probe-one"],
        _ => return vec!["nobody says here what this case is there for".to_owned()],
    };
    let titles: Vec<String> = one.objects.iter().map(title).collect();
    let missing = expected.iter().filter(|title| !titles.contains(&(**title).to_owned()));
    let mut faults: Vec<String> = missing.map(|title| format!("there is no {title}")).collect();
    if one.case.chart == "upguard-probe" && !worker_is_the_pod(&one.objects) {
        faults.push("a worker is not called as its pod".to_owned());
    }
    if one.case.title() == "upguard-probe/ci/inline" && !may_ping(&one.objects) {
        faults.push("its user may open no ICMP echo socket".to_owned());
    }
    if one.case.name() == "monitored" {
        faults.extend(everything_of_grafana_is_in(&one.objects));
    }
    if one.case.name() == "quickstart" {
        faults.extend(passwords_fit(&one.objects));
    }
    faults
}

/// The users of the try-out's Redis, as its own script makes them, are those of the URLs that control and probes are given.
fn passwords_fit(objects: &[Value]) -> Vec<String> {
    let secret = |name: &str, key: &str| {
        let secret = of_kind(objects, "Secret").find(|secret| secret["metadata"]["name"] == name);
        secret.and_then(|secret| secret["stringData"][key].as_str()).unwrap_or_default().to_owned()
    };
    let script = of_kind(objects, "ConfigMap").find_map(|map| map["data"]["users.sh"].as_str()).unwrap_or_default();
    let made = Command::new("sh")
        .args(["-c", script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("CONTROL_PASSWORD", secret("upguard-quickstart", "redis-control-password"))
        .env("REGIONS", secret("upguard-quickstart", "redis-regions"))
        .output();
    let users = made.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let urls =
        [("upguard-quickstart", "redis-url"), ("upguard-region-eu-west", "url"), ("upguard-region-us-east", "url")];
    let lets_in = |url: &str| {
        let credentials = url.strip_prefix("redis://").and_then(|rest| rest.split_once('@')).map(|(who, _)| who);
        let (user, password) = credentials.and_then(|who| who.split_once(':')).unwrap_or_default();
        !user.is_empty() && users.lines().any(|line| line.starts_with(&format!("user {user} on >{password} ")))
    };
    let refused = urls.iter().filter(|(name, key)| !lets_in(&secret(name, key)));
    refused.map(|(name, _)| format!("the try-out's Redis does not let in who has the Secret {name}")).collect()
}

fn worker_is_the_pod(objects: &[Value]) -> bool {
    let name = json!({"name": "WORKER_ID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
    let specs = of_kind(objects, "Deployment").map(|deployment| &deployment["spec"]["template"]["spec"]);
    specs.flat_map(containers).all(|container| list(&container["env"]).any(|variable| *variable == name))
}

/// Whether the group that probes run as is in the range of groups that may ping.
fn may_ping(objects: &[Value]) -> bool {
    of_kind(objects, "Deployment").all(|deployment| {
        let security = &deployment["spec"]["template"]["spec"]["securityContext"];
        let range = list(&security["sysctls"]).find(|sysctl| sysctl["name"] == "net.ipv4.ping_group_range");
        let range = range.and_then(|sysctl| sysctl["value"].as_str()?.split_once(' '));
        let number = |text: &str| text.parse::<u64>().ok();
        match (range, security["runAsGroup"].as_u64()) {
            (Some((first, last)), group @ Some(_)) => number(first) <= group && group <= number(last),
            _ => false,
        }
    })
}

/// Each file of `grafana/` as it is, and each group of rules.
fn everything_of_grafana_is_in(objects: &[Value]) -> Vec<String> {
    let files = |folder: &str| {
        let listed = fs::read_dir(testbed::root_dir().join("grafana").join(folder)).into_iter().flatten().flatten();
        listed.map(|file| file.path()).collect::<Vec<_>>()
    };
    let mut faults = Vec::new();
    for file in files("dashboards") {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let holds = |map: &Value| {
            map["metadata"]["labels"]["grafana_dashboard"] == "1"
                && map["data"][&name].as_str() == fs::read_to_string(&file).ok().as_deref()
        };
        if !of_kind(objects, "ConfigMap").any(holds) {
            faults.push(format!("grafana/dashboards/{name} is in no ConfigMap"));
        }
    }
    let groups = of_kind(objects, "PrometheusRule").flat_map(|rule| list(&rule["spec"]["groups"])).collect::<Vec<_>>();
    for file in files("rules") {
        let Ok(content) = yaml::file(&file) else { continue };
        let missing = list(&content["groups"]).filter(|group| !groups.contains(group));
        faults.extend(
            missing.map(|group| format!("the group {} of {} is in no PrometheusRule", group["name"], file.display())),
        );
    }
    if groups.is_empty() {
        faults.push("there are no rules".to_owned());
    }
    faults
}
