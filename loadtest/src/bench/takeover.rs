//! A lane whose owner is killed: how long until another replica pushes and ingests, and how many rows it reads for that.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use testbed::{
    clock::unix_now,
    http,
    system::{self, Control, TestSystem},
};

use super::{
    crowd::{self, POSTGRES, Since},
    pusher::watermark,
    report::Report,
    usage::rss_mib,
};

/// Seconds of results that are not closed: H, what a new owner rebuilds its evidence from.
const OPEN: i64 = 180;
/// How long the new owner may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// Tables whose rows are counted.
const TABLES: [&str; 4] = ["monitors", "monitor_status", "cadences", "results"];

/// How many.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Monitors
    #[arg(long, default_value_t = 1_000_000)]
    monitors: usize,
    /// Their interval in seconds
    #[arg(long, default_value_t = 60)]
    interval: u32,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let dir = system::folder("bench-takeover")?;
    let system = TestSystem::start(&dir, &POSTGRES)?;
    crowd::make(&system, args.monitors, args.interval, "http://127.0.0.1:9/", &Since::Always)?;
    system.sql("insert into regions (id, from_slot) values ('eu-west', 0)")?;
    let evidence = fill(&system)?;
    crowd::settle(&system)?;
    let mut owner = replica(&system, "owner")?;
    works(&system, &mut owner, unix_now())?;
    let mut heir = replica(&system, "heir")?;
    let ready = format!("{}/readyz", heir.admin);
    heir.service.wait_until("its /readyz says 200", || http::is_ok(&ready))?;
    let mut report = Report::new("takeover");
    report.set("monitors", args.monitors);
    report.set("open_results", evidence);
    measure(&system, &mut owner, &mut heir, &mut report)?;
    report.print(args.json);
    system.remove()
}

/// Results of every slot that is not closed, as a probe left them. Returns how many.
fn fill(system: &TestSystem) -> Result<i64> {
    let now = unix_now();
    let closed = now - OPEN;
    system.sql(&format!("update lanes set frontier = {now}, closed = {closed}"))?;
    system.sql(&format!("select make_partitions({closed} - 86400, {now} + 86400)"))?;
    eprintln!("making the results of {OPEN} s");
    system.sql(&format!(
        "insert into results (slot, monitor, region, attempt, verdict, started_ms)
         select slot, monitor, region, 0, 'up', 20 from expected(0::smallint, {closed} + 1, {now}) order by 1, 2"
    ))?;
    system.number("select count(*) from results")
}

/// Nobody answers, and nothing is to be closed meanwhile.
fn replica(system: &TestSystem, name: &str) -> Result<Control> {
    let mut control = system.control(name)?;
    control.service = control.service.env("UPGUARD_TIMES__CLOSE", "1h");
    control.service.start()?;
    Ok(control)
}

/// Waits until slots after `since` are pushed, and ingested what was reported since then. Returns when each was.
fn works(system: &TestSystem, control: &mut Control, since: i64) -> Result<(Instant, Instant)> {
    let deadline = Instant::now() + PATIENCE;
    let (mut pushed, mut ingested) = (None, None);
    while Instant::now() < deadline {
        if pushed.is_none() && watermark(system)?.is_some_and(|slot| slot > since + 1) {
            pushed = Some(Instant::now());
        }
        if ingested.is_none() && system.number("select heard from lanes")? > since {
            ingested = Some(Instant::now());
        }
        if let (Some(pushed), Some(ingested)) = (pushed, ingested) {
            return Ok((pushed, ingested));
        }
        if !control.service.is_running() {
            bail!("{} ended:\n{}", control.service.name, control.service.log_tail());
        }
        sleep(Duration::from_millis(50));
    }
    bail!("nobody works on the lane:\n{}", control.service.log_tail())
}

fn measure(system: &TestSystem, owner: &mut Control, heir: &mut Control, report: &mut Report) -> Result<()> {
    let before = rows(system)?;
    owner.service.kill9();
    let (killed, second) = (Instant::now(), unix_now());
    let epoch = system.number("select epoch from lanes")?;
    let taken = loop {
        if system.number("select epoch from lanes")? > epoch {
            break Instant::now();
        }
        if killed.elapsed() > PATIENCE {
            bail!("nobody took the lane:\n{}", heir.service.log_tail());
        }
        sleep(Duration::from_millis(20));
    };
    let (pushed, ingested) = works(system, heir, second)?;
    let seconds = |moment: Instant, since: Instant| moment.saturating_duration_since(since).as_secs_f64();
    report.number("killed_to_taken_s", seconds(taken, killed));
    report.number("taken_to_pushed_s", seconds(pushed, taken));
    report.number("taken_to_ingested_s", seconds(ingested, taken));
    report.number("killed_to_both_s", seconds(pushed.max(ingested), killed));
    report.set("rows_read", Value::from(read_since(&before, &rows(system)?)));
    report.number("heir_rss_mib", rss_mib(heir.service.pid().unwrap_or_default())?);
    Ok(())
}

/// Rows that scans brought up so far, by table; of indexes alone none are counted. Sessions tell after some moments.
fn rows(system: &TestSystem) -> Result<Map<String, Value>> {
    sleep(Duration::from_millis(1_500));
    let count = |table: &str| {
        let read = format!(
            "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint from pg_stat_user_tables
             where relname = '{table}' or relname like '{table}\\_2%'"
        );
        Ok((table.to_owned(), Value::from(system.number(&read).context("rows read")?)))
    };
    TABLES.into_iter().map(count).collect()
}

fn read_since(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let number = |of: &Map<String, Value>, table: &str| of.get(table).and_then(Value::as_i64).unwrap_or(0);
    let since = |table: &String| Value::from(number(after, table) - number(before, table));
    after.keys().map(|table| (table.clone(), since(table))).collect()
}
