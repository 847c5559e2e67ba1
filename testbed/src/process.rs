//! A child process that cannot outlive us: stopped and reaped on drop, and killed by the kernel when we are killed ourselves.
//!
//! On Linux every child starts through `setpriv --pdeathsig` (util-linux), so even SIGKILL leaves nothing behind. That signal
//! fires when the *thread* that started the child ends; therefore one thread, living as long as this process, starts them all.
//! Each child leads its own process group: Ctrl-C in a terminal reaches only us, and we stop the children in order.
//! It does not know what it runs, nor when that is ready.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long [`Drop`] waits after SIGTERM before it kills.
const DROP_GRACE: Duration = Duration::from_secs(3);
/// How often an exit is looked for.
const POLL: Duration = Duration::from_millis(10);

/// A running (or already reaped) child with a log file.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
    ended: Option<ExitStatus>,
}

/// How to start a child, beyond its command.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The user to run as; only root may set this. `None` is ourselves.
    pub user: Option<String>,
    /// What the kernel sends the child when we die. KILL, unless a gentler signal is known to end it for certain.
    pub on_our_death: Signal,
}

impl Default for Launch {
    fn default() -> Self {
        Self { user: None, on_our_death: Signal::SIGKILL }
    }
}

impl Process {
    /// Starts `command` without input, its output appended to `log`, whose folder is made. `name` is for people.
    pub fn spawn(name: &str, command: Command, log: &Path) -> Result<Self> {
        Self::spawn_with(name, command, log, &Launch::default())
    }

    /// [`Process::spawn`], as another user or with another signal on our death.
    pub fn spawn_with(name: &str, command: Command, log: &Path, launch: &Launch) -> Result<Self> {
        let output = open_log(log).with_context(|| format!("cannot open the log {}", log.display()))?;
        let mut command = guarded(command, launch);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        Self::start(name, command, log)
    }

    /// Like [`Process::spawn`], but the child writes to our own error stream: for tools whose progress people watch.
    pub fn spawn_visible(name: &str, command: Command) -> Result<Self> {
        let mut command = guarded(command, &Launch::default());
        command.stdin(Stdio::null()).stdout(io::stderr()).stderr(Stdio::inherit());
        Self::start(name, command, Path::new(""))
    }

    fn start(name: &str, mut command: Command, log: &Path) -> Result<Self> {
        command.process_group(0);
        let program = command.get_program().to_owned();
        let child = spawn_from_lasting_thread(command)
            .with_context(|| format!("cannot start {name} ({})", program.to_string_lossy()))?;
        Ok(Self { name: name.to_owned(), log: log.to_owned(), child, ended: None })
    }

    /// The name it was started under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id; stays the same number after the end.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// The file its output goes to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Sends a signal to the child alone. Fails when it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if let Some(status) = self.ended {
            return Err(anyhow!("{} has already ended ({status})", self.name));
        }
        kill(Pid::from_raw(self.pid()), signal).with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Whether it still runs (a stopped process does).
    pub fn is_running(&mut self) -> bool {
        self.try_wait().is_none()
    }

    /// How it ended, or `None` while it runs.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() && has_ended(&mut self.child) {
            self.reap();
        }
        self.ended
    }

    /// How it ended, waiting at most `limit`; `None` when it still runs then.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            let ended = self.try_wait();
            if ended.is_some() || Instant::now() >= deadline {
                return ended;
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks it to end with `signal` (waking it if it is stopped), and kills it when `grace` is over.
    pub fn stop(&mut self, signal: Signal, grace: Duration) -> Result<ExitStatus> {
        if self.is_running() {
            self.signal(signal)?;
            let _ = self.signal(Signal::SIGCONT);
            self.wait(grace);
        }
        self.kill9();
        self.ended.ok_or_else(|| anyhow!("{} could not be ended", self.name))
    }

    /// SIGKILL, and waits until it is gone. Does nothing when it has ended.
    pub fn kill9(&mut self) {
        if self.is_running() {
            let _ = self.signal(Signal::SIGKILL);
            self.reap();
        }
    }

    /// The last `lines` lines of its log; empty when there is none.
    pub fn log_tail(&self, lines: usize) -> String {
        tail(&self.log, lines).unwrap_or_default()
    }

    /// What its group left behind is killed first: as long as the child is not reaped, the group's number cannot be anybody else's.
    fn reap(&mut self) {
        if cfg!(target_os = "linux") {
            while !has_ended(&mut self.child) {
                std::thread::sleep(POLL);
            }
            let _ = nix::sys::signal::killpg(Pid::from_raw(self.pid()), Signal::SIGKILL);
        }
        // It fails only if somebody else reaped the child; how it ended is lost then, which is no success.
        self.ended = Some(self.child.wait().unwrap_or(ExitStatus::from_raw(255 << 8)));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop(Signal::SIGTERM, DROP_GRACE);
    }
}

/// Whether the child has ended, without reaping it where the system can tell so.
#[cfg(target_os = "linux")]
fn has_ended(child: &mut Child) -> bool {
    use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    let pid = Pid::from_raw(child.id() as i32);
    !matches!(waitid(Id::Pid(pid), look), Ok(WaitStatus::StillAlive))
}

#[cfg(not(target_os = "linux"))]
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// The same command behind `setpriv`, where that exists. One `setpriv` does both, in its order: a change of user clears the
/// death signal, so a second one around it would undo the first.
fn guarded(command: Command, launch: &Launch) -> Command {
    let Some(setpriv) = find_in_path("setpriv") else { return command };
    let mut guarded = Command::new(setpriv);
    let signal = launch.on_our_death.as_str().trim_start_matches("SIG");
    guarded.args(["--pdeathsig", signal]);
    if let Some(user) = &launch.user {
        guarded.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--init-groups"]);
    }
    guarded.arg("--").arg(command.get_program()).args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => guarded.env(key, value),
            None => guarded.env_remove(key),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        guarded.current_dir(dir);
    }
    guarded
}

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// The thread all children are started from. It ends with the process.
static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
    let (orders, inbox) = mpsc::channel::<Order>();
    std::thread::spawn(move || {
        for (mut command, answer) in inbox {
            let _ = answer.send(command.spawn());
        }
    });
    orders
});

fn spawn_from_lasting_thread(command: Command) -> io::Result<Child> {
    let (answer, child) = mpsc::channel();
    let gone = || io::Error::other("the thread that starts children is gone");
    SPAWNER.send((command, answer)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// The first executable called `name` in `PATH` or, since `PATH` of ordinary users lacks them on Debian, the `sbin` folders.
pub fn find_in_path(name: &str) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "finding programs is what PATH is for; it configures nothing of ours"
    )]
    let path = std::env::var("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    dirs.map(|dir| dir.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn open_log(log: &Path) -> io::Result<File> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir)?;
    }
    OpenOptions::new().create(true).append(true).open(log)
}

/// The last `lines` lines of a file, reading at most its last 64 KiB.
fn tail(file: &Path, lines: usize) -> io::Result<String> {
    let mut file = File::open(file)?;
    let start = file.metadata()?.len().saturating_sub(64 * 1024);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all[all.len().saturating_sub(lines)..].join("\n"))
}
