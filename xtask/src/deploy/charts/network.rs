//! Whom a `NetworkPolicy` lets a pod talk to, reckoned as Kubernetes does: rules add up, an `ipBlock` admits its network but for
//! the exceptions, a rule without `to` admits everybody, and selectors of pods admit no address of the world outside.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::yaml::list;

/// Whether a policy lets its pods open a TCP connection to this address outside the cluster.
pub(crate) fn admits(policy: &Value, address: &str, port: u16) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    list(&policy["spec"]["egress"]).any(|rule| covers_port(rule, port) && covers(rule, address))
}

fn covers_port(rule: &Value, port: u16) -> bool {
    let is_it = |given: &Value| {
        let (first, last) = (given["port"].as_u64(), given["endPort"].as_u64());
        let tcp = given["protocol"].is_null() || given["protocol"] == "TCP";
        tcp && first.is_none_or(|first| (first..=last.unwrap_or(first)).contains(&u64::from(port)))
    };
    rule["ports"].is_null() || list(&rule["ports"]).any(is_it)
}

fn covers(rule: &Value, address: IpAddr) -> bool {
    let is_in = |network: &Value| {
        network.as_str().and_then(|text| text.parse::<IpNet>().ok()).is_some_and(|network| network.contains(&address))
    };
    let block = |peer: &Value| is_in(&peer["ipBlock"]["cidr"]) && !list(&peer["ipBlock"]["except"]).any(is_in);
    rule["to"].is_null() || list(&rule["to"]).any(block)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::admits;

    #[test]
    fn it_is_reckoned_as_kubernetes_does() {
        let policy = json!({"spec": {"egress": [
            {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 54}]},
            {"ports": [{"port": 6379, "protocol": "TCP"}], "to": [{"podSelector": {}}]},
            {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}, {"ipBlock": {"cidr": "10.9.0.0/16"}}]},
        ]}});
        for (address, port, expected) in [
            ("1.1.1.1", 443, true),
            ("10.1.1.1", 443, false),
            ("10.9.1.1", 443, true),
            ("10.1.1.1", 54, true),
            ("10.1.1.1", 53, false),
            ("10.1.1.1", 6379, false),
            ("2606:4700::1111", 443, false),
        ] {
            assert_eq!(admits(&policy, address, port), expected, "{address} {port}");
        }
    }
}
