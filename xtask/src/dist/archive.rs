//! Archives that are the same bytes each time, and the sums over them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::output;

/// What stands beside every program.
const BESIDE: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Where archives go, and how old their files are.
pub(super) struct Archives<'a> {
    folder: &'a Path,
    version: &'a str,
    /// Unix seconds of the commit.
    time: String,
}

impl<'a> Archives<'a> {
    pub(super) fn new(folder: &'a Path, version: &'a str) -> Result<Self> {
        let mut git = Command::new("git");
        let time = output(git.args(["log", "-1", "--format=%ct"]).current_dir(testbed::root_dir()))?;
        Ok(Self { folder, version, time: time.trim().to_owned() })
    }

    /// `upguard-probe-0.1.0-x86_64.tar.gz`, with one folder of that name in it.
    pub(super) fn pack(&self, package: &str, machine: &str, program: &Path) -> Result<PathBuf> {
        let name = format!("{package}-{}-{machine}", self.version);
        let staged = self.folder.join(&name);
        fs::create_dir_all(&staged)?;
        fs::copy(program, staged.join(package)).with_context(|| format!("cannot copy {}", program.display()))?;
        for file in BESIDE {
            fs::copy(testbed::root_dir().join(file), staged.join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        let (plain, packed) = (self.folder.join(format!("{name}.tar")), self.folder.join(format!("{name}.tar.gz")));
        let mut tar = Command::new("tar");
        tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX", "--format=ustar"]);
        tar.arg(format!("--mtime=@{}", self.time)).arg("--create").arg("--file").arg(&plain);
        output(tar.arg("--directory").arg(self.folder).arg(&name))?;
        // Without a name and a time of its own.
        output(Command::new("gzip").args(["--best", "--no-name", "--force"]).arg(&plain))?;
        fs::remove_dir_all(&staged)?;
        Ok(packed)
    }
}

/// Writes SHA256SUMS over all files of the folder, for `sha256sum --check`.
pub(super) fn checksums(folder: &Path) -> Result<()> {
    let mut names: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    let sums = output(Command::new("sha256sum").arg("--").args(&names).current_dir(folder))?;
    Ok(fs::write(folder.join("SHA256SUMS"), sums)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_archive_and_the_sums_hold() {
        let temporary = tempfile::TempDir::new().unwrap();
        let bytes = |place: &str, age: &str| {
            let folder = temporary.path().join(place);
            fs::create_dir_all(&folder).unwrap();
            let program = folder.join("program");
            fs::write(&program, "a program").unwrap();
            output(Command::new("touch").arg("--date").arg(age).arg(&program)).unwrap();
            let archives = Archives { folder: &folder, version: "1.2.3", time: "1700000000".to_owned() };
            let packed = archives.pack("upguard-probe", "x86_64", &program).unwrap();
            fs::remove_file(program).unwrap();
            checksums(&folder).unwrap();
            output(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&folder)).unwrap();
            (fs::read(packed).unwrap(), fs::read_to_string(folder.join("SHA256SUMS")).unwrap())
        };
        assert!(bytes("one", "2001-01-01") == bytes("other", "2020-02-02"));
    }
}
