//! The command line. Its words and exit codes are public surface: 64 is a command that makes no sense (`EX_USAGE`).

pub(crate) mod check;
mod show;

use std::{net::IpAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use wire::Timeout;

/// Exit code for a command line, URL or spec that cannot be used.
const USAGE: u8 = 64;

/// Watches websites from one region, as jobs come in from Redis.
#[derive(Debug, Parser)]
#[command(name = "upguard-probe", version, disable_help_subcommand = true)]
#[command(after_help = "Without a command it runs. `upguard-probe check --help` shows how to try a URL by hand.")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Join the region's group and carry out its jobs until told to stop [default]
    #[command(after_help = RUN_HELP)]
    Run,
    /// Check one URL now and tell what was found
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Ask the probe running on this machine whether it is ready: exit 0 or 1
    Health,
    /// Print the version
    Version,
}

const RUN_HELP: &str = "\
The environment says which region and which Redis:
  REGION_ID=eu-west WORKER_ID=eu-west-1 REDIS_URL=redis://redis:6379 upguard-probe

It dials Redis and the first name server every 2 s to know that its own network works; name what else must always
answer, or its outcomes are marked suspect:
  UPGUARD_PROBE__WITNESSES=example.com:443,192.0.2.1:53";

const CHECK_HELP: &str = "\
Examples:
  upguard-probe check https://example.com
  upguard-probe check http://127.0.0.1:8000 --allow 127.0.0.0/8
  upguard-probe check https://example.com/login --json | jq .phases
  upguard-probe check https://example.com --spec spec.json
  upguard-probe check tcp://mail.example.com:25
  echo '{\"expect\": {\"contains\": \"Welcome\", \"min_cert_days\": 14}}' | upguard-probe check https://example.com --spec -

A spec is a JSON object with the fields of a monitor; all may be left out:
  {\"timeout\": 10, \"method\": \"GET\", \"headers\": {\"Accept\": \"text/html\"}, \"body\": \"text\",
   \"follow_redirects\": true, \"max_redirects\": 10, \"tls\": {\"verify\": true, \"ca\": \"PEM\"},
   \"expect\": {\"status\": [\"200-299\"], \"contains\": \"text\", \"not_contains\": \"text\",
              \"max_latency_ms\": 800, \"min_cert_days\": 14}}

Of a TCP port instead of method to max_redirects, status, contains and not_contains:
  {\"tcp\": {\"tls\": true, \"send\": \"PING\\r\\n\", \"starts_with\": \"+\", \"expect\": {\"hex\": \"50 4f\"}}}

Exit code: 0 up or degraded, 1 down, 64 the command, the URL or the spec cannot be used.";

/// What to check, and how.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// What to check; the scheme of the URL says how
    url: String,
    /// Print one JSON object (times in seconds; a phase that was not entered is absent)
    #[arg(long)]
    json: bool,
    /// Read the spec from this JSON file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Allow this network or address besides public ones; may be given several times
    #[arg(long, value_name = "CIDR", value_parser = cidr)]
    allow: Vec<IpNet>,
    /// Give up after so many seconds, 1 to 30 (wins over the spec's timeout) [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = timeout)]
    timeout: Option<Timeout>,
}

/// The command, or the code to exit with: everything was said already.
pub(crate) fn parse() -> Result<Command, ExitCode> {
    match Cli::try_parse() {
        Ok(cli) => Ok(cli.command.unwrap_or(Command::Run)),
        Err(why) => {
            // Nobody is left to tell when the terminal is gone.
            let _ = why.print();
            Err(if why.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS })
        }
    }
}

/// Prints name and version.
pub(crate) fn version() -> ExitCode {
    show::line(&format!("upguard-probe {}", env!("CARGO_PKG_VERSION")));
    ExitCode::SUCCESS
}

/// A network, or an address standing for itself.
fn cidr(text: &str) -> Result<IpNet, String> {
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.map_err(|_| "write a network or an address, such as 10.0.0.0/8, 127.0.0.1 or ::1".to_owned())
}

fn timeout(text: &str) -> Result<Timeout, String> {
    let seconds: u64 = text.parse().map_err(|_| "write whole seconds, such as 5".to_owned())?;
    Timeout::try_from(seconds)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn running_is_the_default() {
        let of = |line: &[&str]| Cli::try_parse_from(line).map(|cli| cli.command.unwrap_or(Command::Run));
        assert!(matches!(of(&["upguard-probe"]), Ok(Command::Run)));
        assert!(matches!(of(&["upguard-probe", "health"]), Ok(Command::Health)));
        assert!(of(&["upguard-probe", "fly"]).is_err());
    }

    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(cidr("127.0.0.1").unwrap(), "127.0.0.1/32".parse().unwrap());
        assert_eq!(cidr("fd00::/8").unwrap(), "fd00::/8".parse().unwrap());
        assert!(cidr("localhost").is_err());
    }
}
