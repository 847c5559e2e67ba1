//! `cargo xtask`: runs the whole system on this machine, and tests it. One command line, one module per command.

mod api;
mod dashboard;
mod deploy;
mod dist;
mod docs;
mod interrupts;
mod node;
mod screen;
mod suite;
mod tidy;
mod up;
mod values_table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::interrupts::{Interrupted, Interrupts};
use crate::screen::{Told, say};

/// Runs and tests UpGuard on this machine
///
/// Start with `cargo xtask up`: it needs rustup, and the linker rustup asks for. Whatever else is missing is installed
/// through apt, or named.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 110)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Args),
    Test(suite::TestArgs),
    Check(suite::CheckArgs),
    /// Draw every screen of the dashboard again, in both themes, into docs/screenshots
    Screenshots,
    /// Write docs/openapi.json and the dashboard's API types anew, from the handlers
    Api,
    /// Write the tables of values in the charts' READMEs anew, from their schemas and defaults
    Charts,
    /// Write the tables of docs/configuration.md anew, from the structs that read the settings
    Docs,
    Dist(dist::Args),
    /// The tidy rules alone, in a blink
    Tidy,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let interrupts = match Interrupts::catch() {
        Ok(interrupts) => interrupts,
        Err(error) => return fail(&error),
    };
    let done = match args.command {
        Command::Up(args) => up::run(&args, &interrupts),
        Command::Test(args) => suite::test(&args, &interrupts),
        Command::Check(args) => suite::check(&args, &interrupts),
        Command::Screenshots => suite::screenshots(&interrupts),
        Command::Api => api::run(&interrupts),
        Command::Charts => values_table::run(),
        Command::Docs => docs::run(),
        Command::Dist(args) => dist::run(&args, &interrupts),
        Command::Tidy => tidy::check(testbed::root_dir()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    if error.is::<Interrupted>() {
        say!("interrupted");
        return ExitCode::from(130);
    }
    if !error.is::<Told>() {
        say!("error: {error:#}");
    }
    ExitCode::FAILURE
}
