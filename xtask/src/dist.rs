//! `cargo xtask dist`: everything a release is made of, in `target/dist`. Archives of the same commit are the same bytes:
//! their files are sorted, nobody's, and as old as the commit.

mod archive;
mod versions;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use testbed::process::find_in_path;
use testbed::servers::install;

use crate::dashboard;
use crate::deploy::charts::tools::Tools;
use crate::interrupts::Interrupts;
use crate::screen::say;
use crate::suite::elf::{self, Machine};

use self::archive::Archives;

/// Make the files of a release: archives of static programs, charts, checksums, image tags
///
/// The control plane and the probe for `x86_64`, the probe for aarch64 too (with the cross compiler `gcc-aarch64-linux-gnu`,
/// which is installed through apt), all static musl programs; both charts packed; the `OpenAPI` document; SHA256SUMS over all
/// of it; and images.txt with the names and tags to push. The images are built where buildah or docker is installed. First the
/// versions must agree: the workspace's, both charts', and a heading of CHANGELOG.md.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The version this is to be; an error if it is another. Default: the workspace's, which may still be unreleased.
    #[arg(long)]
    version: Option<String>,
    /// Leave the images alone.
    #[arg(long)]
    no_images: bool,
}

/// What is built: a package, a target, and the processor it is for.
const PROGRAMS: [(&str, &str, Machine); 3] = [
    ("upguard-control", "x86_64-unknown-linux-musl", Machine::X86_64),
    ("upguard-probe", "x86_64-unknown-linux-musl", Machine::X86_64),
    ("upguard-probe", "aarch64-unknown-linux-musl", Machine::Aarch64),
];
const REGISTRY: &str = "ghcr.io/upguard";

pub(crate) fn run(args: &Args, interrupts: &Interrupts) -> Result<()> {
    let version = versions::agreed(args.version.as_deref())?;
    let folder = testbed::target_dir().join("dist");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    say!("upguard {version}, into {}", folder.display());
    let archives = Archives::new(&folder, &version)?;
    let node = dashboard::packages(interrupts)?;
    dashboard::build(&node, interrupts)?;
    for (package, target, machine) in PROGRAMS {
        let program = build(package, target, machine, interrupts)?;
        archives.pack(package, machine.name(), &program)?;
    }
    charts(&folder, interrupts)?;
    fs::copy(testbed::root_dir().join("docs/openapi.json"), folder.join(format!("upguard-openapi-{version}.json")))?;
    images(&folder, &version, args.no_images, interrupts)?;
    archive::checksums(&folder)
}

fn build(package: &str, target: &str, machine: Machine, interrupts: &Interrupts) -> Result<PathBuf> {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target]);
    dashboard::complete("rustup target add", rustup, interrupts)?;
    install::ensure(&["musl-tools"])?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--release", "--package", package, "--target", target]);
    cargo.current_dir(testbed::root_dir());
    if machine == Machine::Aarch64 {
        install::ensure(&["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"])?;
        cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "aarch64-linux-gnu-gcc");
        cargo.env("CC_aarch64_unknown_linux_musl", "aarch64-linux-gnu-gcc");
    }
    dashboard::complete(&format!("cargo build {package} for {}", machine.name()), cargo, interrupts)?;
    let program = testbed::target_dir().join(target).join("release").join(package);
    elf::require_static(&program)?;
    elf::require_machine(&program, machine)?;
    Ok(program)
}

fn charts(folder: &Path, interrupts: &Interrupts) -> Result<()> {
    let helm = Tools::fetch()?.helm3;
    for chart in ["helm/upguard-control", "helm/upguard-probe"] {
        let mut package = Command::new(&helm);
        package.args(["package", chart, "--destination"]).arg(folder).current_dir(testbed::root_dir());
        dashboard::complete("helm package", package, interrupts)?;
    }
    Ok(())
}

/// Writes down what is to be pushed, and builds it where that can be done.
fn images(folder: &Path, version: &str, leave: bool, interrupts: &Interrupts) -> Result<()> {
    let names = ["control", "probe"].map(|name| (name, format!("{REGISTRY}/upguard-{name}:{version}")));
    let mut lines = vec!["# image, target of the Dockerfile, platforms".to_owned()];
    lines.extend(names.iter().map(|(name, image)| format!("{image} {name} linux/amd64,linux/arm64")));
    fs::write(folder.join("images.txt"), lines.join("\n") + "\n")?;
    let builder = ["buildah", "docker"].into_iter().find(|builder| find_in_path(builder).is_some());
    let Some(builder) = builder.filter(|_| !leave) else {
        say!("images: not built ({})", if leave { "as asked" } else { "neither buildah nor docker is installed" });
        return Ok(());
    };
    let revision = output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(testbed::root_dir()))?;
    let facts = [format!("VERSION={version}"), format!("REVISION={}", revision.trim_end())];
    for (target, image) in names {
        let mut build = Command::new(builder);
        build.args(["build", "--target", target, "--tag", &image]);
        // The other format knows no HEALTHCHECK, and buildah leaves it away then.
        build.args(["--format", "docker"].iter().filter(|_| builder == "buildah"));
        build.args(facts.iter().flat_map(|fact| ["--build-arg", fact])).arg(".").current_dir(testbed::root_dir());
        dashboard::complete(&format!("{builder} build {image}"), build, interrupts)?;
    }
    Ok(())
}

/// Runs a program and returns what it prints.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(String::from_utf8(output.stdout)?)
}
