//! What is made from the API's document: its copy in `docs/`, and the dashboard's types of answers and bodies.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::dashboard;
use crate::interrupts::Interrupts;
use crate::node::{self, Node};
use crate::screen::say;

/// `cargo xtask api`
pub(crate) fn run(interrupts: &Interrupts) -> Result<()> {
    let document = testbed::root_dir().join("docs/openapi.json");
    fs::write(&document, printed()?).with_context(|| format!("cannot write {}", document.display()))?;
    say!("wrote docs/openapi.json");
    let node = dashboard::packages(interrupts)?;
    dashboard::complete("openapi-typescript", types(&node, &committed()), interrupts)
}

/// Where the dashboard has its types.
pub(crate) fn committed() -> std::path::PathBuf {
    node::dashboard_dir().join("src/api/schema.gen.ts")
}

/// Writes the types of `docs/openapi.json`. A field with a default may be left out of a body all the same.
pub(crate) fn types(node: &Node, to: &Path) -> Command {
    let mut command = node.tool("openapi-typescript");
    command.arg(testbed::root_dir().join("docs/openapi.json")).arg("--default-non-nullable=false");
    command.arg("--output").arg(to);
    command
}

/// The document as control prints it.
fn printed() -> Result<Vec<u8>> {
    let mut control = Command::new("cargo");
    control.args(["run", "--quiet", "--package", "upguard-control", "--", "openapi"]);
    let output =
        control.current_dir(testbed::root_dir()).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("upguard-control openapi failed ({})", output.status);
    }
    Ok(output.stdout)
}
