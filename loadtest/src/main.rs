//! `loadtest world | decode | bench | chaos | fuzz`: the command line.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use loadtest::{
    bench::{self, Bench},
    chaos, decode, fuzz,
};
use testbed::world::{Shown, World};
use tokio::signal::unix::{SignalKind, signal};

/// Tries UpGuard on a world of misbehaving sites.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves sites that behave as their path says, until SIGTERM
    World(WorldArgs),
    /// Prints the outcomes waiting on results streams, one line each
    Decode(decode::Args),
    /// Measures, beside a yardstick from the same run
    #[command(subcommand)]
    Bench(Bench),
    /// Injects faults into a whole system, then audits what it stored and told
    Chaos(chaos::Args),
    /// Lets one region's user of Redis write what it can, and looks at what the other regions lose
    Fuzz(fuzz::Args),
}

#[derive(clap::Args)]
struct WorldArgs {
    /// Where the plain sites listen
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the TLS sites listen
    #[arg(long, default_value = "127.0.0.1:0")]
    tls_listen: SocketAddr,
    /// Where the certificate of the world's own authority is written
    #[arg(long, value_name = "FILE")]
    ca_out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("loadtest: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let alone = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    match command {
        Command::World(args) => alone()?.block_on(serve_world(args)),
        Command::Decode(args) => alone()?.block_on(decode::run(args)).map(|()| ExitCode::SUCCESS),
        Command::Bench(bench) => bench::run(&bench).map(|()| ExitCode::SUCCESS),
        Command::Chaos(args) => chaos::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
    }
}

async fn serve_world(args: WorldArgs) -> Result<ExitCode> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let world = World::start_on(args.listen, args.tls_listen).await?;
    if let Some(file) = &args.ca_out {
        std::fs::write(file, world.ca_pem()).with_context(|| format!("--ca-out: cannot write {}", file.display()))?;
    }
    let tls: serde_json::Map<_, _> =
        Shown::ALL.iter().map(|shown| (shown.as_str().to_owned(), world.https(*shown).into())).collect();
    let ready = serde_json::json!({
        "http": world.http(), "https": world.https(Shown::Good), "ca": args.ca_out, "tls": tls,
    });
    println!("{ready}");
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
    world.stop().await;
    Ok(ExitCode::SUCCESS)
}
