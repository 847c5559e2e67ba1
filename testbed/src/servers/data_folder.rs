//! Where a PostgreSQL data folder may live, who owns it, and how it is filled in a blink from a prepared one.
//! PostgreSQL refuses to run as root, so for root everything here belongs to the user `postgres`.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::unistd::User;

use super::binaries::Binaries;
use super::install;
use crate::process::find_in_path;

/// The unprivileged user servers run as when we are root.
#[derive(Debug, Clone)]
pub(crate) struct ServerUser {
    pub(crate) name: String,
    uid: u32,
    gid: u32,
}

impl ServerUser {
    /// `None` when we are not root and run servers as ourselves.
    pub(crate) fn needed() -> Result<Option<Self>> {
        if !nix::unistd::geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                return Ok(Some(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        bail!(
            "PostgreSQL refuses to run as root, and there is no user `postgres` to run it as: run this as an ordinary user"
        )
    }

    /// `program` as this user.
    fn command(&self, program: &Path) -> Result<Command> {
        let setpriv =
            find_in_path("setpriv").context("setpriv is needed to start PostgreSQL as root: install util-linux")?;
        let mut command = Command::new(setpriv);
        command.arg(format!("--reuid={}", self.name)).arg(format!("--regid={}", self.gid)).arg("--init-groups");
        command.arg("--").arg(program);
        Ok(command)
    }

    fn can_write(&self, dir: &Path) -> Result<bool> {
        let test = find_in_path("test").context("there is no program `test`")?;
        Ok(self.command(&test)?.arg("-w").arg(dir).status()?.success())
    }
}

/// A folder the servers' user can use: `wanted`, or one under the system's temporary folder when that user cannot get there
/// (a checkout below `/root`). The same `wanted` always gives the same folder.
pub(crate) fn place(wanted: &Path, user: Option<&ServerUser>) -> Result<PathBuf> {
    fs::create_dir_all(wanted).with_context(|| format!("cannot make {}", wanted.display()))?;
    let wanted = wanted.canonicalize()?;
    let Some(user) = user else { return Ok(wanted) };
    chown(&wanted, Some(user.uid), Some(user.gid)).with_context(|| format!("cannot give {} away", wanted.display()))?;
    if user.can_write(&wanted)? {
        return Ok(wanted);
    }
    private_folder(&elsewhere(&wanted), user)
}

/// Where data wanted in a place the servers' user cannot reach lives instead.
fn elsewhere(wanted: &Path) -> PathBuf {
    let name = wanted.to_string_lossy().replace('/', "-");
    std::env::temp_dir().join(format!("xtask{name}"))
}

/// Removes a data folder, wherever [`place`] put it. No error when there is none.
pub(crate) fn remove(wanted: &Path) -> Result<()> {
    let Ok(wanted) = wanted.canonicalize() else { return Ok(()) };
    for dir in [elsewhere(&wanted), wanted] {
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
    }
    Ok(())
}

/// The temporary folder is everybody's: a folder found there counts only if it is the user's own.
fn private_folder(dir: &Path, user: &ServerUser) -> Result<PathBuf> {
    if DirBuilder::new().mode(0o700).create(dir).is_ok() {
        chown(dir, Some(user.uid), Some(user.gid))?;
    }
    let meta = fs::symlink_metadata(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    if !meta.is_dir() || meta.uid() != user.uid {
        bail!("{} exists and does not belong to {}: remove it", dir.display(), user.name);
    }
    Ok(dir.to_owned())
}

/// Makes `home/data` a fresh cluster unless it holds one already. The first call for a version runs initdb once into a template
/// beside the build; later ones copy that. Safe in parallel processes: everything is made aside and renamed into place.
pub(crate) fn initialise(home: &Path, binaries: &Binaries, user: Option<&ServerUser>) -> Result<PathBuf> {
    let data = home.join("data");
    if let Ok(version) = fs::read_to_string(data.join("PG_VERSION")) {
        if version.trim() != binaries.major.to_string() {
            bail!(
                "{} was made by PostgreSQL {}, and {} is installed now: remove it",
                data.display(),
                version.trim(),
                binaries.major
            );
        }
        return Ok(data);
    }
    let template = template(binaries, user)?;
    fill_aside(&data, |aside| {
        let status =
            Command::new("cp").arg("-a").arg(template.join(".")).arg(aside).status().context("cannot run cp")?;
        if !status.success() {
            bail!("copying {} failed ({status})", template.display());
        }
        Ok(())
    })?;
    if let Some(user) = user {
        chown(&data, Some(user.uid), Some(user.gid))?;
    }
    Ok(data)
}

fn template(binaries: &Binaries, user: Option<&ServerUser>) -> Result<PathBuf> {
    let home = place(&crate::target_dir().join("servers"), user)?;
    let owner = user.map_or_else(|| nix::unistd::geteuid().to_string(), |user| user.name.clone());
    let template = home.join(format!("postgres-{}-{owner}", binaries.major));
    if !template.exists() {
        fill_aside(&template, |aside| initdb(aside, binaries, user))?;
    }
    Ok(template)
}

/// Lets `fill` fill a folder beside `target`, then renames it there. If another process was quicker, its folder stays.
fn fill_aside(target: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let aside = target.with_extension(format!("making-{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = fs::remove_dir_all(&aside);
    DirBuilder::new().mode(0o700).create(&aside).with_context(|| format!("cannot make {}", aside.display()))?;
    let filled = fill(&aside).and_then(|()| match fs::rename(&aside, target) {
        Err(error) if !target.exists() => Err(error).with_context(|| format!("cannot make {}", target.display())),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&aside);
    filled
}

fn initdb(dir: &Path, binaries: &Binaries, user: Option<&ServerUser>) -> Result<()> {
    let initdb = binaries.program("initdb");
    let mut command = match user {
        Some(user) => {
            chown(dir, Some(user.uid), Some(user.gid))?;
            user.command(&initdb)?
        }
        None => Command::new(initdb),
    };
    command.arg("-D").arg(dir).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]);
    // macOS has no C.UTF-8.
    command.arg(if cfg!(target_os = "linux") { "--locale=C.UTF-8" } else { "--locale=C" });
    let output = command.current_dir(dir).output().with_context(|| install::missing("postgresql").to_string())?;
    if !output.status.success() {
        bail!("initdb failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
