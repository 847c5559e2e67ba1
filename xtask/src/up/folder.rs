//! The folder of one `up`: claimed by a lock while it runs, remembering between runs what must stay the same.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use testbed::servers::free_port;
use testbed::system::TestSystem;

/// A claimed folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) dir: PathBuf,
    pub(crate) kept: Kept,
    /// Held as long as we run; the kernel lets go of it however we end.
    _lock: File,
}

/// What one run leaves to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Signs access tokens.
    pub(crate) secret: String,
    /// Encrypts what people store with channels.
    pub(crate) secrets_key: String,
    /// Of the demo sign-in.
    pub(crate) password: String,
    /// Ports of the demo sites: their addresses stand in the monitors.
    pub(crate) http_port: u16,
    pub(crate) tls_port: u16,
}

impl Folder {
    /// Takes the folder, or says who has it. `fresh` empties it first.
    pub(crate) fn claim(dir: &Path, fresh: bool) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        let lock = lock(&dir)?;
        if fresh {
            TestSystem::remove_data(&dir)?;
            empty(&dir)?;
        }
        let _ = fs::remove_dir_all(dir.join("logs"));
        let kept = Kept::load_or_make(&dir.join("kept.json"))?;
        Ok(Self { dir, kept, _lock: lock })
    }

    /// What to type to start from nothing in this very folder.
    pub(crate) fn fresh_command(&self) -> String {
        let default = testbed::target_dir().join("up").canonicalize();
        let is_default = default.is_ok_and(|default| default == self.dir);
        let dir = if is_default { String::new() } else { format!(" --dir {}", self.dir.display()) };
        format!("cargo xtask up --fresh{dir}")
    }
}

fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
    if file.try_lock().is_err() {
        let mut owner = String::new();
        let _ = file.read_to_string(&mut owner);
        bail!(
            "another `cargo xtask up` (process {}) runs in {}: stop it first, or give this one another folder with --dir",
            owner.trim(),
            dir.display()
        );
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

/// Everything but the lock, which is ours.
fn empty(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let removed = match &path {
            path if path.ends_with("lock") => Ok(()),
            path if path.is_dir() => fs::remove_dir_all(path),
            path => fs::remove_file(path),
        };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

impl Kept {
    fn load_or_make(file: &Path) -> Result<Self> {
        let loaded = fs::read_to_string(file).ok().and_then(|text| Self::parse(&serde_json::from_str(&text).ok()?));
        let mut kept = if let Some(kept) = loaded {
            kept
        } else {
            let (http_port, tls_port) = (free_port()?, free_port()?);
            Self { secret: random(48)?, secrets_key: random(48)?, password: random(20)?, http_port, tls_port }
        };
        // A folder of an older version has none.
        if kept.secrets_key.is_empty() {
            kept.secrets_key = random(48)?;
        }
        // Somebody else may have taken a port meanwhile; the monitors are brought in line then.
        for port in [&mut kept.http_port, &mut kept.tls_port] {
            if std::net::TcpListener::bind(("127.0.0.1", *port)).is_err() {
                *port = free_port()?;
            }
        }
        kept.save(file).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(kept)
    }

    fn parse(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let port = |key: &str| value[key].as_u64().and_then(|port| u16::try_from(port).ok());
        let (http_port, tls_port) = (port("http_port")?, port("tls_port")?);
        let secrets_key = text("secrets_key").unwrap_or_default();
        Some(Self { secret: text("secret")?, secrets_key, password: text("password")?, http_port, tls_port })
    }

    fn save(&self, file: &Path) -> std::io::Result<()> {
        let value = json!({
            "secret": self.secret, "secrets_key": self.secrets_key, "password": self.password,
            "http_port": self.http_port, "tls_port": self.tls_port,
        });
        let mut out = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file)?;
        writeln!(out, "{value:#}")
    }
}

/// `length` random letters and digits, none of them easily taken for another (32 to choose from: 5 bits each).
fn random(length: usize) -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0; length];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).context("cannot read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_second_is_told_who_was_first() {
        let temporary = TempDir::new().unwrap();
        let dir = temporary.path().join("lock");
        let first = Folder::claim(&dir, false).unwrap();
        assert!(first.fresh_command().ends_with(&format!(" --dir {}", dir.display())), "{}", first.fresh_command());
        let refusal = Folder::claim(&dir, false).unwrap_err().to_string();
        assert!(refusal.contains(&format!("process {}", std::process::id())) && refusal.contains("--dir"), "{refusal}");
        drop(first);
        Folder::claim(&dir, false).unwrap();
    }

    #[test]
    fn secrets_stay_until_fresh() {
        let temporary = TempDir::new().unwrap();
        let dir = temporary.path().join("kept");
        let first = Folder::claim(&dir, false).unwrap().kept;
        assert_eq!((first.secret.len(), first.secrets_key.len(), first.password.len()), (48, 48, 20));
        assert_eq!(Folder::claim(&dir, false).unwrap().kept, first);
        fs::create_dir(dir.join("postgres")).unwrap();
        let fresh = Folder::claim(&dir, true).unwrap().kept;
        assert!(fresh.password != first.password && !dir.join("postgres").exists());
    }
}
