//! `cargo xtask up`: everything from nothing to a running system, and back. The order of things is here; how each is started
//! and stopped is in `system`, what is asked of the running system in `api` and `smoke`.

pub(crate) mod api;
mod demo;
mod folder;
mod smoke;
mod system;

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use testbed::servers::install;
use testbed::system::UNLIMITED_CHECKS;

use self::api::Api;
use self::folder::Folder;
pub(crate) use self::system::LocalSystem;
use crate::dashboard;
use crate::interrupts::{Interrupted, Interrupts};
use crate::node::Node;
use crate::screen::{Told, say};

/// The demo sign-in; its password is made up once per folder.
const EMAIL: &str = "demo@example.org";
/// Where the demo's probes are.
const REGIONS: [&str; 2] = ["eu-west", "us-east"];
const PROBES_PER_REGION: u32 = 2;
/// For tests that come as many people, and check as often as they like.
const UNLIMITED: &[(&str, &str)] = &[
    ("UPGUARD_AUTH__RATE__ACCOUNT", "0"),
    ("UPGUARD_AUTH__RATE__ADDRESS", "0"),
    UNLIMITED_CHECKS[0],
    UNLIMITED_CHECKS[1],
    UNLIMITED_CHECKS[2],
];
const FIRST_PORT: u16 = 8080;
const FIRST_VITE_PORT: u16 = 5173;

/// Runs the whole system here, until Ctrl-C
///
/// Installs PostgreSQL and Redis if they are missing, builds the dashboard (with Node.js by pip, if this machine has none
/// that is new enough) and the programs, starts private servers (free ports, own data), migrates, seeds a sign-in and five
/// demo monitors, starts the control plane, two regions with two probes each and the demo sites they watch; then prints
/// where to go. Ctrl-C stops everything in order and leaves no process behind.
///
/// Data and logs stay in target/up and are found again by the next run; `--fresh` starts from nothing.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command line")]
pub(crate) struct Args {
    /// When ready, print one line of JSON on the output: dashboard, api, admin, postgres, redis, email, password, pids
    ///
    /// Everything else goes to the error stream. Then it runs on until SIGINT or SIGTERM.
    #[arg(long)]
    json: bool,
    /// Prove that it works, then stop: the dashboard is served, every demo monitor has its expected outcome from both regions
    ///
    /// Prints them as a table. Exits with 0, or with 1 and the reason.
    #[arg(long)]
    smoke: bool,
    /// Serve the dashboard from its sources, each change shown at once (Vite), on the same back end
    #[arg(long)]
    dev: bool,
    /// Port of the first control replica [default: 8080, or the next free one]
    #[arg(long)]
    port: Option<u16>,
    /// Control replicas that share the work; SIGSTOP one and watch another take over
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    replicas: u32,
    /// Forget the data, logs and password of earlier runs first
    #[arg(long)]
    fresh: bool,
    /// The folder for data and logs; one `up` per folder [default: target/up]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs the command; returns when everything is stopped again.
pub(crate) fn run(args: &Args, interrupts: &Interrupts) -> Result<()> {
    with_system(args, interrupts, &[], |system, ready| serve(system, args, ready))
}

/// A whole system in a folder of its own, started from nothing and without limits on how often one may sign up: for tests that
/// come as many people. `work` gets what `--json` would print; the system is stopped when it returns.
pub(crate) fn for_tests(
    dir: PathBuf,
    interrupts: &Interrupts,
    work: impl FnOnce(&mut LocalSystem, &Value) -> Result<()>,
) -> Result<()> {
    let args = Args { json: false, smoke: false, dev: false, port: None, replicas: 1, fresh: true, dir: Some(dir) };
    with_system(&args, interrupts, UNLIMITED, |system, ready| work(system, &ready.line))
}

fn with_system(
    args: &Args,
    interrupts: &Interrupts,
    settings: &'static [(&'static str, &'static str)],
    work: impl FnOnce(&mut LocalSystem, &Ready) -> Result<()>,
) -> Result<()> {
    let dir = args.dir.clone().unwrap_or_else(|| testbed::target_dir().join("up"));
    let folder = Folder::claim(&dir, args.fresh)?;
    install::ensure(&["postgresql", "redis-server"])?;
    let node = dashboard::packages(interrupts)?;
    if !args.dev {
        dashboard::build(&node, interrupts)?;
    }
    build(interrupts)?;
    let mut system = LocalSystem::new(folder, interrupts).with(settings);
    let done = start(&mut system, args, &node).and_then(|ready| work(&mut system, &ready));
    let done = done.map_err(|error| {
        if !error.is::<Interrupted>() {
            say!("\nerror: {error:#}\n");
            return Told.into();
        }
        error
    });
    system.stop();
    done
}

/// A running system, as `--json` prints it.
struct Ready {
    api: Api,
    line: Value,
}

fn start(system: &mut LocalSystem, args: &Args, node: &Node) -> Result<Ready> {
    let port = port_from(FIRST_PORT, args.port)?;
    let vite = if args.dev { Some(port_from(FIRST_VITE_PORT, None)?) } else { None };
    let dashboard = format!("http://127.0.0.1:{}", vite.unwrap_or(port));
    say!("starting PostgreSQL and Redis");
    system.start_servers()?;
    say!("starting the demo sites");
    let world = system.start_world()?;
    say!("migrating and seeding");
    system.migrate_and_seed(EMAIL, &demo::monitors(&world))?;
    say!("starting {} control {}", args.replicas, if args.replicas == 1 { "replica" } else { "replicas" });
    let replicas = system.start_control(port, args.replicas, &dashboard)?;
    let api = Api::sign_in(&replicas[0].api, EMAIL, system.password()).with_context(|| {
        let fresh = system.fresh_command();
        format!("if the demo account's password was changed, start from nothing: `{fresh}`")
    })?;
    demo::bring_in_line(&api, &world)?;
    let before = smoke::stored(&api)?;
    say!("starting {PROBES_PER_REGION} probes in each of {}", REGIONS.join(", "));
    let probes = system.start_probes(&REGIONS, PROBES_PER_REGION, &world)?;
    if let Some(port) = vite {
        say!("starting Vite");
        system.start_vite(node, port, &replicas[0].api)?;
    }
    let line = json!({
        "dashboard": dashboard,
        "api": replicas[0].api,
        "admin": replicas[0].admin,
        "postgres": system.postgres_url(),
        "redis": system.redis_url(),
        "email": EMAIL,
        "password": system.password(),
        "pids": system.pids(),
        "replicas": replicas.iter().map(|replica| json!({"api": replica.api, "admin": replica.admin})).collect::<Vec<_>>(),
        "probes": probes,
        "world": {"http": world.http, "https": world.https},
    });
    Ok(Ready { api: api.remembering(before), line })
}

/// Shows the way in, then stays until a signal, an unexpected end or the end of the smoke test.
fn serve(system: &mut LocalSystem, args: &Args, ready: &Ready) -> Result<()> {
    if args.json {
        let mut output = std::io::stdout();
        writeln!(output, "{}", ready.line).and_then(|()| output.flush()).context("cannot print the line of --json")?;
    } else {
        let text = |key: &str| ready.line[key].as_str().unwrap_or_default().to_owned();
        say!("\n  UpGuard runs at {}", text("dashboard"));
        say!("  sign in as      {}  with  {}", text("email"), text("password"));
        say!("  API             {}/api/v1", text("api"));
        say!("  metrics         {}/metrics", text("admin"));
        say!("  PostgreSQL      {}", text("postgres"));
        say!("  Redis           {}", text("redis"));
        say!("  logs            {}\n", system.logs().display());
    }
    if args.smoke {
        let table = smoke::prove(system, &ready.api)?;
        if args.json {
            say!("{table}");
        } else {
            println!("{table}");
        }
        return Ok(());
    }
    say!("Ctrl-C stops everything; `{}` would start from nothing.", system.fresh_command());
    match system.watch() {
        Err(error) if error.is::<Interrupted>() => Ok(()),
        other => other,
    }
}

/// Builds the programs with cargo's own progress.
fn build(interrupts: &Interrupts) -> Result<()> {
    let target = testbed::target_dir();
    let mut command = Command::new("cargo");
    command.args([
        "build",
        "--package",
        "upguard-control",
        "--package",
        "upguard-probe",
        "--package",
        "loadtest",
        "--bins",
    ]);
    command.arg("--target-dir").arg(&target).current_dir(testbed::root_dir());
    dashboard::complete("cargo build", command, interrupts)
}

/// A port that was asked for is used or refused; the default one may move on.
fn port_from(first: u16, wanted: Option<u16>) -> Result<u16> {
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    match wanted {
        Some(port) if is_free(&port) => Ok(port),
        Some(port) => bail!("port {port} is taken: give another with --port, or leave it out to get a free one"),
        None => (first..first + 1000)
            .find(is_free)
            .with_context(|| format!("no free port from {first} on: give one with --port")),
    }
}
