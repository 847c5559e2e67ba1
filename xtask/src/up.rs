//! `cargo xtask up`: everything from nothing to a running system, and back. The order of things is here; how each is started
//! and stopped is in `house`, what is asked of the running system in `api` and `smoke`.

mod api;
mod demo;
mod folder;
mod house;
mod smoke;

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use xtask::process::Process;
use xtask::servers::install;

use self::api::Api;
use self::folder::Folder;
use self::house::{Binaries, House};
use crate::interrupts::{Interrupted, Interrupts};
use crate::screen::{Told, say};

/// The demo sign-in; its password is made up once per folder.
const EMAIL: &str = "demo@example.org";
/// Where the demo's probes are.
const REGIONS: [&str; 2] = ["eu-west", "us-east"];
const PROBES_PER_REGION: u32 = 2;
const FIRST_PORT: u16 = 8080;

/// Runs the whole system here, until Ctrl-C
///
/// Installs PostgreSQL and Redis if they are missing, starts private instances of them (free ports, own data), builds,
/// migrates, seeds a sign-in and five demo monitors, starts the control plane, two regions with two probes each and the
/// demo sites they watch; then prints where to go. Ctrl-C stops everything in order and leaves no process behind.
///
/// Data and logs stay in target/up and are found again by the next run; `--fresh` starts from nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// When ready, print one line of JSON on the output: api, admin, postgres, redis, email, password, pids
    ///
    /// Everything else goes to the error stream. Then it runs on until SIGINT or SIGTERM.
    #[arg(long)]
    json: bool,
    /// Prove that it works, then stop: wait until every demo monitor has its expected outcome stored from both regions
    ///
    /// Prints them as a table. Exits with 0, or with 1 and the reason.
    #[arg(long)]
    smoke: bool,
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
    let dir = args.dir.clone().unwrap_or_else(|| xtask::target_dir().join("up"));
    let folder = Folder::claim(&dir, args.fresh)?;
    install::ensure(&["postgresql", "redis-server"])?;
    let binaries = build(interrupts)?;
    let mut house = House::new(folder, binaries, interrupts);
    let done = start(&mut house, args).and_then(|ready| serve(&mut house, args, &ready));
    let done = done.map_err(|error| {
        if !error.is::<Interrupted>() {
            say!("\nerror: {error:#}\n");
            return Told.into();
        }
        error
    });
    house.stop();
    done
}

/// A running system, as `--json` prints it.
struct Ready {
    api: Api,
    line: Value,
}

fn start(house: &mut House, args: &Args) -> Result<Ready> {
    let port = first_port(args.port)?;
    say!("starting PostgreSQL and Redis");
    house.start_servers()?;
    say!("starting the demo sites");
    let world = house.start_world()?;
    say!("migrating and seeding");
    house.migrate_and_seed(EMAIL, &demo::monitors(&world))?;
    say!("starting {} control {}", args.replicas, if args.replicas == 1 { "replica" } else { "replicas" });
    let replicas = house.start_control(port, args.replicas)?;
    let api = Api::sign_in(&replicas[0].api, EMAIL, house.password())?;
    demo::bring_in_line(&api, &world)?;
    let before = smoke::stored(&api)?;
    say!("starting {PROBES_PER_REGION} probes in each of {}", REGIONS.join(", "));
    house.start_probes(&REGIONS, PROBES_PER_REGION, &world)?;
    let line = json!({
        "api": replicas[0].api,
        "admin": replicas[0].admin,
        "postgres": house.postgres_url(),
        "redis": house.redis_url(),
        "email": EMAIL,
        "password": house.password(),
        "pids": house.pids(),
        "replicas": replicas.iter().map(|replica| json!({"api": replica.api, "admin": replica.admin})).collect::<Vec<_>>(),
        "world": {"http": world.http, "https": world.https},
    });
    Ok(Ready { api: api.remembering(before), line })
}

/// Shows the way in, then stays until a signal, an unexpected end or the end of the smoke test.
fn serve(house: &mut House, args: &Args, ready: &Ready) -> Result<()> {
    if args.json {
        let mut output = std::io::stdout();
        writeln!(output, "{}", ready.line).and_then(|()| output.flush()).context("cannot print the line of --json")?;
    } else {
        let text = |key: &str| ready.line[key].as_str().unwrap_or_default().to_owned();
        say!("\n  UpGuard runs at {}", text("api"));
        say!("  sign in as      {}  with  {}", text("email"), text("password"));
        say!("  metrics         {}/metrics", text("admin"));
        say!("  PostgreSQL      {}", text("postgres"));
        say!("  Redis           {}", text("redis"));
        say!("  logs            {}\n", house.logs().display());
    }
    if args.smoke {
        let table = smoke::prove(house, &ready.api)?;
        if args.json {
            say!("{table}");
        } else {
            println!("{table}");
        }
        return Ok(());
    }
    say!("Ctrl-C stops everything; `cargo xtask up --fresh` would start from nothing.");
    match house.watch() {
        Err(error) if error.is::<Interrupted>() => Ok(()),
        other => other,
    }
}

/// Builds the programs with cargo's own progress.
fn build(interrupts: &Interrupts) -> Result<Binaries> {
    let target = xtask::target_dir();
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
    command.arg("--target-dir").arg(&target).current_dir(xtask::root_dir());
    let mut cargo = Process::spawn_visible("cargo build", command)?;
    let status =
        interrupts.poll(Duration::from_hours(1), || Ok(cargo.try_wait()))?.context("cargo build takes over an hour")?;
    if !status.success() {
        bail!("cargo build failed ({status})");
    }
    Ok(Binaries::in_folder(&target.join("debug")))
}

/// A port that was asked for is used or refused; the default one may move on.
fn first_port(wanted: Option<u16>) -> Result<u16> {
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    match wanted {
        Some(port) if is_free(&port) => Ok(port),
        Some(port) => bail!("port {port} is taken: give another with --port, or leave it out to get a free one"),
        None => {
            (FIRST_PORT..FIRST_PORT + 1000).find(is_free).context("no free port from 8080 on: give one with --port")
        }
    }
}
