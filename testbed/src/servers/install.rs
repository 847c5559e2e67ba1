//! Puts missing programs on the machine: through apt where that is allowed, otherwise by saying what to run.
//! It writes no configuration of the system's own; services that Debian's packages may start are left alone, since ours are private.

use std::env;
use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Error, Result, anyhow, bail};

use super::binaries::Binaries;
use crate::process::find_in_path;

/// A Debian package and how to see that what it brings is there.
struct Package {
    name: &'static str,
    present: fn() -> bool,
    elsewhere: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "postgresql",
        present: || matches!(Binaries::find(), Ok(Some(_))),
        elsewhere: "brew install postgresql@17 · dnf install postgresql-server · pacman -S postgresql",
    },
    Package {
        name: "redis-server",
        present: || find_in_path("redis-server").is_some() && find_in_path("redis-cli").is_some(),
        elsewhere: "brew install redis · dnf install redis · pacman -S redis",
    },
    Package {
        name: "musl-tools",
        present: || find_in_path("musl-gcc").is_some(),
        elsewhere: "dnf install musl-gcc · pacman -S musl",
    },
    Package {
        name: "gcc-aarch64-linux-gnu",
        present: || find_in_path("aarch64-linux-gnu-gcc").is_some(),
        elsewhere: "dnf install gcc-aarch64-linux-gnu · pacman -S aarch64-linux-gnu-gcc",
    },
    Package {
        name: "libc6-dev-arm64-cross",
        present: || Path::new("/usr/aarch64-linux-gnu/include/stdint.h").exists() || find_in_path("apt-get").is_none(),
        elsewhere: "dnf install glibc-devel · pacman -S aarch64-linux-gnu-glibc",
    },
    Package {
        name: "python3-pip",
        present: has_pip,
        elsewhere: "brew install python · dnf install python3-pip · pacman -S python-pip",
    },
    Package {
        name: "faketime",
        present: || find_in_path("faketime").is_some(),
        elsewhere: "dnf install libfaketime · pacman -S libfaketime",
    },
    Package {
        name: "chromium",
        present: || find_in_path("chromium").is_some(),
        elsewhere: "dnf install chromium · pacman -S chromium",
    },
    Package {
        name: "prometheus",
        present: || find_in_path("prometheus").is_some() && find_in_path("promtool").is_some(),
        elsewhere: "brew install prometheus · dnf install golang-github-prometheus · pacman -S prometheus",
    },
    Package {
        name: "prometheus-alertmanager",
        present: || find_in_path("amtool").is_some(),
        elsewhere: "brew install alertmanager · pacman -S alertmanager",
    },
    Package {
        name: "etcd-server",
        present: || find_in_path("etcd").is_some(),
        elsewhere: "brew install etcd · pacman -S etcd",
    },
    // Without a font, a browser draws boxes.
    Package {
        name: "fonts-liberation",
        present: || Path::new("/usr/share/fonts/truetype/liberation").is_dir() || find_in_path("apt-get").is_none(),
        elsewhere: "dnf install liberation-fonts · pacman -S ttf-liberation",
    },
];

/// Makes sure that what these Debian packages bring (`postgresql`, `redis-server`, `musl-tools`,
/// `gcc-aarch64-linux-gnu`, `python3-pip`, `faketime`,
/// `chromium`, `fonts-liberation`, `prometheus`, `prometheus-alertmanager`) is on the machine. Installs the missing ones with apt-get as root or through sudo; elsewhere
/// the error says what to install. Quick when nothing is missing.
pub fn ensure(names: &[&str]) -> Result<()> {
    let missing = || names.iter().copied().filter(|name| !is_present(name)).collect::<Vec<_>>();
    if missing().is_empty() {
        return Ok(());
    }
    // Tests run side by side, and each may be the first that needs something.
    let _turn = wait_for_turn()?;
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if find_in_path("apt-get").is_none() {
        let mut hint = Error::msg("install them and run this again");
        for name in &missing {
            hint = hint.context(missing_here(name).to_string());
        }
        return Err(hint);
    }
    apt_install(&missing)?;
    match missing.iter().find(|name| !is_present(name)) {
        Some(name) => bail!("apt-get installed {name}, but its programs are in no folder of PATH"),
        None => Ok(()),
    }
}

/// Holds whoever else of us installs something until it is dropped.
fn wait_for_turn() -> Result<File> {
    let path = env::temp_dir().join(format!("upguard-install-{}.lock", nix::unistd::getuid()));
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// The error for a program that is not there, with the mend.
pub(crate) fn missing(name: &str) -> Error {
    anyhow!("{}, or let `cargo xtask up` do it", missing_here(name))
}

fn missing_here(name: &str) -> Error {
    let elsewhere = PACKAGES.iter().find(|package| package.name == name).map_or("", |package| package.elsewhere);
    anyhow!("{name} is not installed: apt-get install {name} · {elsewhere}")
}

fn is_present(name: &str) -> bool {
    PACKAGES.iter().find(|package| package.name == name).is_some_and(|package| (package.present)())
}

/// Whether Python and its installer are there.
fn has_pip() -> bool {
    let mut asking = Command::new("python3");
    let asked = asking.args(["-m", "pip", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn apt_install(names: &[&str]) -> Result<()> {
    eprintln!("installing {} with apt-get", names.join(", "));
    // Stale lists name versions that are no longer served; a failed refresh may still leave usable ones.
    if let Err(error) = apt_get(&["update", "-qq"]) {
        eprintln!("{error:#}; going on with the lists that are there");
    }
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt_get(&[&install[..], names].concat())
        .with_context(|| format!("run this yourself: sudo apt-get install {}", names.join(" ")))
}

fn apt_get(args: &[&str]) -> Result<()> {
    let mut command = as_root("env")?;
    // RUNLEVEL=1 keeps the packages from starting their services where there is no systemd.
    command.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"]);
    // Others of this machine may be installing something as well.
    command.args(["-o", "DPkg::Lock::Timeout=300"]).args(args);
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status().context("cannot run apt-get")?;
    if !status.success() {
        bail!("apt-get {} failed ({status})", args.join(" "));
    }
    Ok(())
}

/// `program` with root's rights: directly, or through sudo, which may ask for a password only where somebody can answer.
fn as_root(program: &str) -> Result<Command> {
    if nix::unistd::geteuid().is_root() {
        return Ok(Command::new(program));
    }
    if find_in_path("sudo").is_none() {
        bail!("apt-get needs root, and there is no sudo");
    }
    let mut command = Command::new("sudo");
    if !std::io::stderr().is_terminal() {
        command.arg("-n");
    }
    command.arg(program);
    Ok(command)
}
