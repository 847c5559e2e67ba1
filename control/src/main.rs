//! The command line of the control plane.

use std::{
    io::{self, BufRead, IsTerminal},
    process::ExitCode,
};

use actions::{operator, seed};
use anyhow::{Context, Result, bail};
use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use config::{Config, LogFormat};
use domain::ids::Role;
use store::migrate;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Bad settings and bad usage alike (`EX_USAGE` of sysexits.h).
const USAGE: u8 = 64;

/// UpGuard's control plane: keeps users, monitors and history, pushes due checks to Redis, stores their outcomes.
///
/// Settings come from the TOML file named by `UPGUARD_CONFIG` and from `UPGUARD_<SECTION>__<KEY>` variables, which win.
/// At least `UPGUARD_AUTH__SECRET` must be set.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  export UPGUARD_AUTH__SECRET=$(openssl rand -hex 32)\n  \
    export UPGUARD_POSTGRES__URL=postgres://upguard:…@db:5432/upguard UPGUARD_REDIS__URL=redis://cache:6379\n  \
    upguard-control serve"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a replica until SIGTERM. As many as you like share the work.
    ///
    /// Once it serves, one line on standard output says where: {"http":"…","admin":"…"}. Logs go to standard error.
    Serve {
        /// Leave the schema as it is: somebody else runs `migrate`.
        #[arg(long)]
        no_migrate: bool,
    },
    /// Bring the database to this version's schema, waiting up to 60 s for PostgreSQL. Harmless to run again.
    Migrate,
    /// Make a demonstration: a sign-in, its organisation and monitors. What is there already stays.
    #[command(after_help = "Example:\n  UPGUARD_SEED__EMAIL=demo@example.org UPGUARD_SEED__PASSWORD=… \\\n  \
        UPGUARD_SEED__MONITORS=monitors.json upguard-control seed\n\nmonitors.json: \
        [{\"name\": \"Home page\", \"url\": \"https://example.org/\"}]")]
    Seed,
    /// Help people who cannot help themselves.
    #[command(subcommand)]
    Admin(Admin),
    /// Ask the replica on this machine whether it is ready: exit code 0 if so. For container health checks.
    Health,
    /// Print the API's OpenAPI document. Needs no settings and no server.
    Openapi,
}

#[derive(Subcommand)]
enum Admin {
    /// Make an account, whatever `auth.signup` says.
    #[command(after_help = "Examples:\n  upguard-control admin create-user --email ann@example.org\n  \
        echo \"$PASSWORD\" | upguard-control admin create-user --email ann@example.org --organisation Acme --role editor --password-stdin")]
    CreateUser {
        #[command(flatten)]
        who: Who,
        /// Name or id of the organisation to join; made if there is none of this name. Default: one of their own.
        #[arg(long)]
        organisation: Option<String>,
        /// What they may do there.
        #[arg(long, default_value = "owner", value_parser = roles(), requires = "organisation")]
        role: Role,
    },
    /// Set another password and end every sign-in of the account.
    ResetPassword {
        #[command(flatten)]
        who: Who,
    },
    /// Encrypt every channel's secrets with the first of `secrets.keys`, so that the others can be dropped.
    #[command(
        after_help = "To change the key without losing a secret:\n  1. add the new key behind the old one in secrets.keys, on all replicas\n  \
        2. put the new one first (or into secrets.key), on all replicas\n  3. upguard-control admin reseal\n  4. drop the old one"
    )]
    Reseal,
    /// End a region, whose name is not to be used again: nothing is checked from it any more, its history stays.
    #[command(
        after_help = "To take a region down without a gap:\n  1. upguard-control admin remove-region eu-west\n  \
        2. three minutes later stop its probes\n  3. remove its user and its keys from Redis (docs/redis.md)"
    )]
    RemoveRegion {
        /// Its name: `REGION_ID` of its probes.
        region: wire::Region,
    },
}

/// The roles, as `--help` lists them.
fn roles() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str())).try_map(|role| role.parse::<Role>())
}

#[derive(Args)]
struct Who {
    /// The account's e-mail address.
    #[arg(long)]
    email: String,
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(why) => {
            let _ = why.print();
            return if why.use_stderr() { USAGE.into() } else { ExitCode::SUCCESS };
        }
    };
    if matches!(cli.command, Command::Openapi) {
        println!("{}", api::openapi::text());
        return ExitCode::SUCCESS;
    }
    let config = match config::load() {
        Ok(config) => config,
        Err(why) => {
            eprintln!("{why}");
            return USAGE.into();
        }
    };
    log_to_stderr(&config);
    match run(cli.command, config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why:#}");
            if matches!(why.downcast_ref(), Some(control::serve::error::Error::Config(_))) {
                return USAGE.into();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, config: Config) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime")?;
    runtime.block_on(async {
        match command {
            Command::Serve { no_migrate } => control::serve(config, !no_migrate).await?,
            Command::Migrate => println!("the schema is up to date; lanes: {}", migrate::run(&config).await?),
            Command::Seed => {
                let wanted = seed::Wanted::read(&config.seed)?;
                println!("{}", wanted.make(&control::alone::actions(config).await?).await?);
            }
            Command::Admin(command) => println!("{}", admin(command, &config).await?),
            Command::Health => health(&config)?,
            Command::Openapi => println!("{}", api::openapi::text()),
        }
        Ok(())
    })
}

async fn admin(command: Admin, config: &Config) -> Result<String> {
    match command {
        Admin::CreateUser { who, organisation, role } => {
            let password = password(who.password_stdin)?;
            Ok(operator::create_user(config, &who.email, &password, organisation.as_deref(), role).await?)
        }
        Admin::ResetPassword { who } => {
            let password = password(who.password_stdin)?;
            Ok(operator::reset_password(config, &who.email, &password).await?)
        }
        Admin::Reseal => Ok(operator::reseal(config).await?),
        Admin::RemoveRegion { region } => Ok(operator::remove_region(config, &region).await?),
    }
}

/// Never an argument: those are seen by everybody on the machine.
fn password(from_stdin: bool) -> Result<String> {
    if from_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("no password on standard input")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask for the password: pipe it in and add --password-stdin");
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Again: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(password)
}

fn health(config: &Config) -> Result<()> {
    let (is_ready, body) = api::ask::ready(config.admin.listen)
        .with_context(|| format!("nothing answers on admin.listen ({})", config.admin.listen))?;
    println!("{body}");
    if is_ready { Ok(()) } else { bail!("the replica is not ready") }
}

fn log_to_stderr(config: &Config) {
    let filter: Targets = config.log.filter.parse().unwrap_or_default();
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match config.log.format {
        LogFormat::Text => registry.with(layer.with_ansi(io::stderr().is_terminal())).init(),
        LogFormat::Json => registry.with(layer.json()).init(),
    }
}
