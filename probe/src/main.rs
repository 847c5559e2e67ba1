//! `upguard-probe`: reads the command line and hands over. What a probe does is in the library.

mod cli;

use std::process::ExitCode;

use cli::Command;

/// The allocator of musl is slow under many small allocations, and musl is what we ship on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(Command::Run) => probe::run(),
        Ok(Command::Health) => probe::health(),
        Ok(Command::Check(args)) => cli::check::run(&args),
        Ok(Command::Version) => cli::version(),
        Err(code) => code,
    }
}
