//! What operators are told to watch, and to scale, is there: their schemas take any word for a port or a name.

use serde_json::Value;

use super::super::pods::{containers, pod, selects};
use super::super::yaml::{list, of_kind, title};

/// All faults of monitors and scalers.
pub(super) fn find_what_they_look_for(objects: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for monitor in of_kind(objects, "ServiceMonitor") {
        let services = of_kind(objects, "Service")
            .filter(|service| selects(&monitor["spec"]["selector"]["matchLabels"], &service["metadata"]["labels"]));
        let ports: Vec<&Value> = services.flat_map(|service| list(&service["spec"]["ports"])).collect();
        faults.extend(unknown_port(monitor, &monitor["spec"]["endpoints"], &ports));
    }
    for monitor in of_kind(objects, "PodMonitor") {
        let pods = objects.iter().filter_map(pod);
        let pods = pods.filter(|pod| selects(&monitor["spec"]["selector"]["matchLabels"], &pod["metadata"]["labels"]));
        let ports: Vec<&Value> =
            pods.flat_map(|pod| containers(&pod["spec"])).flat_map(|container| list(&container["ports"])).collect();
        faults.extend(unknown_port(monitor, &monitor["spec"]["podMetricsEndpoints"], &ports));
    }
    for scaler in ["ScaledObject", "HorizontalPodAutoscaler"].into_iter().flat_map(|kind| of_kind(objects, kind)) {
        let target = &scaler["spec"]["scaleTargetRef"]["name"];
        match of_kind(objects, "Deployment").find(|deployment| deployment["metadata"]["name"] == *target) {
            None => faults.push(format!("{} scales nothing", title(scaler))),
            Some(deployment) if !deployment["spec"]["replicas"].is_null() => {
                faults.push(format!("{} and its replicas say different things", title(scaler)));
            }
            Some(_) => {}
        }
    }
    faults
}

fn unknown_port(monitor: &Value, endpoints: &Value, ports: &[&Value]) -> Option<String> {
    let known =
        |endpoint: &Value| endpoint["port"].is_string() && ports.iter().any(|port| port["name"] == endpoint["port"]);
    let all = list(endpoints).next().is_some() && list(endpoints).all(known);
    (!all).then(|| format!("{} asks at a port that is not there", title(monitor)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::find_what_they_look_for;

    fn deployment(replicas: &Value) -> Value {
        json!({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": replicas, "template": {
            "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"ports": [{"name": "metrics"}]}]}}}})
    }

    #[test]
    fn a_monitor_of_a_port_that_is_not_there_is_told() {
        let monitor = |endpoint: Value| {
            json!({"kind": "PodMonitor", "metadata": {"name": "p"},
                "spec": {"selector": {"matchLabels": {"a": "b"}}, "podMetricsEndpoints": [endpoint]}})
        };
        assert!(find_what_they_look_for(&[deployment(&json!(1)), monitor(json!({"port": "metrics"}))]).is_empty());
        for endpoint in [json!({"prot": "metrics"}), json!({"port": "admin"})] {
            assert_eq!(find_what_they_look_for(&[deployment(&json!(1)), monitor(endpoint)]).len(), 1);
        }
    }

    #[test]
    fn a_scaler_of_nothing_and_one_against_replicas_are_told() {
        let scaler = |name: &str| json!({"kind": "ScaledObject", "metadata": {"name": "s"}, "spec": {"scaleTargetRef": {"name": name}}});
        let free = deployment(&Value::Null);
        assert!(find_what_they_look_for(&[free.clone(), scaler("d")]).is_empty());
        assert_eq!(find_what_they_look_for(&[free, scaler("e")]), ["ScaledObject s scales nothing"]);
        assert_eq!(find_what_they_look_for(&[deployment(&json!(2)), scaler("d")]).len(), 1);
    }
}
