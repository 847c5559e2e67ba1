//! Which crate may use which: the floors of the product, and who may touch a technology. Cargo says what is.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::rules::Violation;

/// Each crate of the product, and which of the others it may use.
const FLOORS: &[(&str, &[&str])] = &[
    ("upguard-net", &[]),
    ("upguard-wire", &[]),
    ("upguard-domain", &["wire"]),
    ("upguard-config", &["domain", "net", "wire"]),
    ("upguard-store", &["config", "domain", "net", "wire"]),
    ("upguard-channels", &["config", "domain", "net", "wire"]),
    ("upguard-engine", &["channels", "config", "domain", "store", "wire"]),
    ("upguard-actions", &["channels", "config", "domain", "store", "wire"]),
    ("upguard-api", &["actions", "channels", "config", "domain", "net", "store", "wire"]),
    ("upguard-control", &["actions", "api", "channels", "config", "domain", "engine", "net", "store", "wire"]),
    ("upguard-probe", &["net", "wire"]),
    // It starts programs from outside, and knows nothing of what it tests.
    ("upguard-testbed", &[]),
];

/// Who may use what. Config parses PostgreSQL's URL and the mail sender's address, to refuse bad ones; it dials nothing.
const TECHNOLOGIES: &[(&[&str], &[&str])] = &[
    (&["redis", "bb8"], &["upguard-wire"]),
    (&["deadpool-postgres", "postgres-types", "refinery"], &["upguard-store"]),
    (&["tokio-postgres"], &["upguard-store", "upguard-config"]),
    (&["warp"], &["upguard-api"]),
    (&["lettre"], &["upguard-channels", "upguard-config"]),
    (&["prometheus"], &["upguard-engine", "upguard-api", "upguard-control", "upguard-probe"]),
];

/// What decides has none of these below it, however far down.
const OUTSIDE_DOMAIN: &[&str] = &[
    "tokio",
    "hyper",
    "warp",
    "redis",
    "bb8",
    "tokio-postgres",
    "postgres-types",
    "deadpool-postgres",
    "prometheus",
    "lettre",
];

const MEND: &str = "move what needs it to a floor that may use it, and hand plain values on";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Absent for what the program itself needs.
    kind: Option<String>,
}

/// One line for each arrow that should not be.
pub(crate) fn violations(root: &Path) -> Result<Vec<(String, Violation)>> {
    let metadata = cargo(root, &["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cargo metadata")?;
    let mut found: Vec<String> = metadata.packages.iter().flat_map(arrows).collect();
    let below = cargo(root, &["tree", "-p", "upguard-domain", "-e", "normal", "--prefix", "none"])?;
    found.extend(below_domain(&below));
    let violation = |rule| ("Cargo.toml".to_owned(), Violation { line: 1, rule, mend: MEND });
    Ok(found.into_iter().map(violation).collect())
}

fn cargo(root: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("cargo").args(args).current_dir(root).output().context("cargo")?;
    if !output.status.success() {
        bail!("cargo {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn arrows(package: &Package) -> Vec<String> {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let Some(may_use) = floors.get(package.name.as_str()) else { return Vec::new() };
    let used = package.dependencies.iter().filter(|used| used.kind.is_none());
    let ours = |name: &str| match name {
        "loadtest" | "xtask" => Some(name.to_owned()),
        _ => name.strip_prefix("upguard-").map(str::to_owned),
    };
    let is_wrong = |used: &&Dependency| match ours(&used.name) {
        Some(ours) => !may_use.contains(&ours.as_str()),
        None => TECHNOLOGIES
            .iter()
            .any(|(what, who)| what.contains(&used.name.as_str()) && !who.contains(&package.name.as_str())),
    };
    used.filter(is_wrong).map(|used| format!("{} uses {}", package.name, used.name)).collect()
}

/// `tree` has a line for each crate: its name and version.
fn below_domain(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let mut found: Vec<_> = names.filter(|name| OUTSIDE_DOMAIN.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|name| format!("upguard-domain has {name} below it")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<String> {
        let used = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        };
        arrows(&Package { name: name.to_owned(), dependencies: dependencies.iter().map(used).collect() })
    }

    #[test]
    fn arrows_point_one_way() {
        assert_eq!(wrong("upguard-engine", &[("upguard-store", None), ("tokio", None)]), Vec::<String>::new());
        assert_eq!(wrong("upguard-engine", &[("upguard-api", None)]), ["upguard-engine uses upguard-api"]);
        assert_eq!(wrong("upguard-engine", &[("upguard-api", Some("dev"))]), Vec::<String>::new());
        assert_eq!(wrong("upguard-store", &[("upguard-channels", None)]), ["upguard-store uses upguard-channels"]);
    }

    #[test]
    fn technologies_stay_at_home() {
        assert_eq!(wrong("upguard-api", &[("warp", None), ("redis", None)]), ["upguard-api uses redis"]);
        assert_eq!(wrong("upguard-engine", &[("tokio-postgres", None)]), ["upguard-engine uses tokio-postgres"]);
        assert_eq!(
            below_domain("upguard-domain v0.1.0 (/a)\nserde v1.0.0\ntokio v1.0.0\n"),
            ["upguard-domain has tokio below it"]
        );
    }
}
