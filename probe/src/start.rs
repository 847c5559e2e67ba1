//! What stands before the worker: configuration, log, limits, runtime. And the question of a container's health check.

use std::{
    io::{IsTerminal, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{Config, Log, LogFormat},
    failure::Failure,
    serve,
};

/// `EX_USAGE` of sysexits.h: what we were told is wrong, and starting again will not help.
const BAD_CONFIG: u8 = 64;

/// How long a health check waits for its answer.
const HEALTH_LIMIT: Duration = Duration::from_secs(2);

/// Descriptors beside those of checks: Redis, admin port, name servers, log.
const OTHER_FILES: u64 = 128;

/// Runs a worker until SIGTERM or SIGINT. Exit codes: 0 drained, 1 crashed, 64 bad configuration.
pub fn run() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(why) => return refuse(&why),
    };
    start_log(&config.log);
    // Whoever brings rustls along (the Redis client does) finds this provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    allow_files(config.concurrency as u64);
    let runtime = match runtime(config.threads) {
        Ok(runtime) => runtime,
        Err(why) => return crashed(&format!("cannot start the runtime: {why}")),
    };
    let ended = runtime.block_on(serve::run(config));
    // Checks that are left to lapse are not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Config(why)) => refuse(&why),
        Err(Failure::Crash(why)) => crashed(&why),
    }
}

/// Whether the worker of this configuration is alive: 0 or 1, for containers without a shell or curl.
pub fn health() -> ExitCode {
    let listen = match Config::load() {
        Ok(config) => config.metrics_listen,
        Err(why) => return refuse(&why),
    };
    match ask(listen) {
        Ok(head) if head.starts_with("HTTP/1.1 200") => ExitCode::SUCCESS,
        Ok(head) => unhealthy(head.lines().last().unwrap_or("no answer")),
        Err(why) => unhealthy(&format!("{listen}: {why}")),
    }
}

fn ask(listen: SocketAddr) -> std::io::Result<String> {
    let address = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(address, listen.port()), HEALTH_LIMIT)?;
    stream.set_read_timeout(Some(HEALTH_LIMIT))?;
    stream.set_write_timeout(Some(HEALTH_LIMIT))?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[expect(clippy::print_stderr, reason = "the log is not there yet, or not meant for this")]
fn say(line: &str) {
    eprintln!("upguard-probe: {line}");
}

fn refuse(why: &str) -> ExitCode {
    say(why);
    ExitCode::from(BAD_CONFIG)
}

fn unhealthy(why: &str) -> ExitCode {
    say(why);
    ExitCode::FAILURE
}

fn crashed(why: &str) -> ExitCode {
    tracing::error!(why, "stopped");
    ExitCode::FAILURE
}

fn runtime(threads: usize) -> std::io::Result<Runtime> {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, Into::into),
        threads => threads,
    };
    match threads {
        1 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

/// To the error stream: the output of `check` is for pipes.
fn start_log(log: &Log) {
    let json = match log.format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = if json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    // A second worker in one process (there is none but in tests) keeps the first one's log.
    let _ = tracing_subscriber::registry().with(lines.with_filter(log.level.clone())).try_init();
}

/// Each check has a socket; many systems allow 1,024 files unless asked for more.
fn allow_files(checks: u64) {
    let needed = checks + OTHER_FILES;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if soft >= needed {
        return;
    }
    let raised = needed.min(hard);
    if setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_err() || raised < needed {
        tracing::warn!(
            allowed = raised.max(soft),
            needed,
            "too few open files for this concurrency: raise `ulimit -n`"
        );
    }
}
