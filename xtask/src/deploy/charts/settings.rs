//! The settings charts know are those the programs have, and what charts render is what the programs take: each is started with
//! the rendered environment, and asked nothing but its health, which it can only be asked once its settings are read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::cases::Rendered;
use super::helm::chart_dir;
use super::yaml::{file, list, of_kind};

/// What the exit code of both programs says of bad settings.
const BAD: i32 = 64;

/// Settings that charts set themselves, or take as secrets.
const CONTROLS_OWN: [&str; 16] = [
    "public_url",
    "http.listen",
    "admin.listen",
    "postgres.url",
    "postgres.ca",
    "redis.url",
    "redis.ca",
    "auth.secret",
    "auth.secrets",
    "secrets.key",
    "secrets.keys",
    "smtp.password",
    "smtp.ca",
    "egress.ca",
    "watchdog.url",
    "seed",
];
const PROBES_OWN: [&str; 7] = ["region_id", "worker_id", "redis_url", "redis_ca", "drain", "metrics_listen", "egress"];

pub(super) fn check(rendered: &[Rendered]) -> Result<()> {
    same(
        "upguard-control",
        &fs::read_to_string(testbed::root_dir().join("control/config/src/defaults.toml"))?,
        &CONTROLS_OWN,
    )?;
    let source = fs::read_to_string(testbed::root_dir().join("probe/src/config.rs"))?;
    let defaults = source.split("r#\"").nth(1).and_then(|rest| rest.split("\"#").next());
    let defaults = defaults.context("probe/src/config.rs has no defaults as a raw string")?.replace("[probe]", "");
    same("upguard-probe", &defaults, &PROBES_OWN)?;
    rendered.iter().try_for_each(taken)
}

/// The chart's `config` has each setting of the defaults, and no other.
fn same(chart: &str, defaults: &str, own: &[&str]) -> Result<()> {
    let schema = file(&chart_dir(chart).join("values.schema.json"))?;
    let mut there = BTreeSet::new();
    leaves(&schema["properties"]["config"], "", &mut there);
    let is_own = |key: &str| own.iter().any(|own| key == *own || key.starts_with(&format!("{own}.")));
    let wanted: BTreeSet<String> = keys(defaults).into_iter().filter(|key| !is_own(key)).collect();
    // The one whose default is no literal.
    there.remove("user_agent");
    let missing: Vec<_> = wanted.difference(&there).collect();
    let unknown: Vec<_> = there.difference(&wanted).collect();
    ensure!(missing.is_empty(), "{chart}: values.schema.json lacks the settings {missing:?}");
    ensure!(unknown.is_empty(), "{chart}: no program has the settings {unknown:?} of values.schema.json");
    Ok(())
}

fn leaves(schema: &Value, at: &str, into: &mut BTreeSet<String>) {
    match schema["properties"].as_object() {
        Some(properties) => {
            let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
            properties.iter().for_each(|(key, schema)| leaves(schema, &below(key), into));
        }
        None => drop(into.insert(at.to_owned())),
    }
}

/// Keys of the plain TOML that defaults are written in: tables, `key = value`, and tables on one line.
fn keys(toml: &str) -> Vec<String> {
    let mut table = String::new();
    let mut keys = Vec::new();
    for line in toml.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = format!("{name}.");
        } else if let Some((key, value)) = line.split_once('=') {
            let key = format!("{table}{}", key.trim());
            match value.trim().strip_prefix('{') {
                Some(inner) => {
                    let inner = inner.split(',').filter_map(|pair| pair.split_once('='));
                    keys.extend(inner.map(|(name, _)| format!("{key}.{}", name.trim())));
                }
                None => keys.push(key),
            }
        }
    }
    keys
}

/// The program of a case, with its settings, gets as far as asking for its health.
fn taken(one: &Rendered) -> Result<()> {
    for deployment in of_kind(&one.objects, "Deployment") {
        let environment = environment(one, deployment)?;
        let mut program = Command::new(testbed::target_dir().join("debug").join(one.case.chart));
        let output = program.arg("health").env_clear().envs(&environment).output().context("cannot run the program")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(BAD) | None => bail!("{}: {} takes it not: {said}", one.case.title(), one.case.chart),
            Some(_) => {}
        }
    }
    Ok(())
}

/// As a container would have it. Secrets that are there already hold something that fits.
fn environment(one: &Rendered, deployment: &Value) -> Result<BTreeMap<String, String>> {
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let mut environment = BTreeMap::new();
    for source in list(&container["envFrom"]) {
        let map =
            of_kind(&one.objects, "ConfigMap").find(|map| map["metadata"]["name"] == source["configMapRef"]["name"]);
        for (name, value) in map.and_then(|map| map["data"].as_object()).context("no ConfigMap of settings")? {
            environment.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
    }
    for variable in list(&container["env"]) {
        let (name, source) = (&variable["name"], &variable["valueFrom"]);
        let value = match &variable["value"] {
            Value::String(value) => Some(value.clone()),
            _ if source["fieldRef"].is_object() => Some("a-pod".to_owned()),
            _ => secret(one, &source["secretKeyRef"]),
        };
        if let (Some(name), Some(value)) = (name.as_str(), value) {
            environment.insert(name.to_owned(), value);
        }
    }
    authorities(one, &mut environment)?;
    // Nobody listens there, so the answer is soon.
    for (name, value) in [("UPGUARD_ADMIN__LISTEN", "127.0.0.1:1"), ("UPGUARD_PROBE__METRICS_LISTEN", "127.0.0.1:1")] {
        if name.starts_with("UPGUARD_PROBE__") == (one.case.chart == "upguard-probe") {
            environment.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(environment)
}

fn secret(one: &Rendered, wanted: &Value) -> Option<String> {
    let made = of_kind(&one.objects, "Secret").find(|secret| secret["metadata"]["name"] == wanted["name"]);
    let key = wanted["key"].as_str().unwrap_or_default();
    match made {
        Some(secret) => secret["stringData"][key].as_str().map(str::to_owned),
        None if wanted["optional"] == true => None,
        None if key.starts_with("auth") || key.starts_with("secrets") => Some("0".repeat(32)),
        None if wanted["name"].as_str().is_some_and(|name| name.ends_with("postgres")) => {
            Some("postgres://u:p@h/d".to_owned())
        }
        None => Some("redis://u:p@h".to_owned()),
    }
}

/// The mounted file of authorities, as a file here: those of the case that has them among its values.
fn authorities(one: &Rendered, environment: &mut BTreeMap<String, String>) -> Result<()> {
    let path = testbed::target_dir().join("kube-tools").join(format!("{}.pem", one.case.chart));
    let values = file(&chart_dir(one.case.chart).join("ci/inline-values.yaml"))?;
    for value in environment.values_mut().filter(|value| value.starts_with("/etc/upguard/ca/")) {
        fs::write(&path, values["ca"]["pem"].as_str().context("the case `inline` has no authorities")?)?;
        *value = path.display().to_string();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{keys, same};

    #[test]
    fn keys_of_defaults() {
        let toml = "a = 1\n# b = 2\n[c]\nd = \"e = f\"\nbatch = { wait = \"1s\", max = 2 }\n";
        assert_eq!(keys(toml), ["a", "c.d", "c.batch.wait", "c.batch.max"]);
    }

    #[test]
    fn a_setting_more_or_less_is_told() {
        let whole = std::fs::read_to_string(testbed::root_dir().join("control/config/src/defaults.toml")).unwrap();
        assert!(same("upguard-control", &whole, &super::CONTROLS_OWN).is_ok());
        assert!(same("upguard-control", &format!("new = 1\n{whole}"), &super::CONTROLS_OWN).is_err());
        assert!(same("upguard-control", &whole.replace("coverage =", "cover ="), &super::CONTROLS_OWN).is_err());
    }
}
