//! The whole system with one probe: due checks pushed, carried out on nginx, reported and stored, at a rate that is a
//! given share of what wrk reaches on the same nginx. A rate it cannot keep is lowered until it can.

use std::{thread::sleep, time::Duration};

use anyhow::Result;
use serde_json::{Value, json};
use testbed::{
    clock::unix_now,
    http,
    service::Service,
    system::{self, Control, TestSystem},
};

use super::{
    crowd::{self, POSTGRES, Since, metric},
    median,
    report::{Report, rounded},
    target::Nginx,
    usage::Cores,
};

/// The interval of the monitors, seconds.
const INTERVAL: u32 = 5;
/// How long a rate runs before it is looked at.
const SETTLE: Duration = Duration::from_secs(12);
/// L, T and H in seconds: the product's, and those that let a short run close slots as a long one does.
const USUAL: [u64; 3] = [60, 120, 180];
const SHORTENED: [u64; 3] = [20, 40, 60];
/// How much longer than H a rate runs, seconds.
const BEYOND: u64 = 60;
/// A rate is kept while 99 of 100 checks start this soon after their slot, milliseconds.
const LAG_MS: i64 = 1_000;
/// How much is taken off a rate that was not kept, and how often.
const LESS: f64 = 0.1;
const TRIES: usize = 5;

/// How much.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Seconds a rate is measured, after the minute and a half or so in which slots begin to be closed
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Minutes a rate runs by the product's own times, in place of shortened ones and of --seconds
    #[arg(long)]
    minutes: Option<u64>,
    /// Due checks a second, as a share of wrk's requests a second
    #[arg(long, default_value_t = 0.8)]
    fraction: f64,
    /// Due checks a second, instead of a share
    #[arg(long)]
    rate: Option<f64>,
    /// The probe's jobs at once
    #[arg(long, default_value_t = 2048)]
    concurrency: usize,
    /// The probe's threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let dir = system::folder("bench-pipeline")?;
    let system = TestSystem::start(&dir, &POSTGRES)?;
    let mut report = Report::new("pipeline");
    {
        let nginx = Nginx::start(&dir)?;
        let mut wrk = three_times_wrk(&nginx)?;
        let (rate, rounds) = {
            let mut bench = Setup::start(args, &system, &nginx)?;
            report.set("times_s", json!({"late": bench.times[0], "trim": bench.times[1], "close": bench.times[2]}));
            report.set("times_shortened", bench.times != USUAL);
            bench.search(args, median(&wrk))?
        };
        wrk.extend(three_times_wrk(&nginx)?);
        let wrk = median(&wrk);
        report.number("stored_per_second", rate);
        report.number("wrk_per_second", wrk);
        report.number("ratio", rate / wrk);
        report.set("rates", rounds);
    }
    report.print(args.json);
    system.remove()
}

fn three_times_wrk(nginx: &Nginx) -> Result<Vec<f64>> {
    (0..3).map(|_| nginx.wrk(3)).collect()
}

struct Setup<'a> {
    system: &'a TestSystem,
    nginx: &'a Nginx,
    control: Control,
    probe: Service,
    made: usize,
    times: [u64; 3],
}

impl<'a> Setup<'a> {
    fn start(args: &Args, system: &'a TestSystem, nginx: &'a Nginx) -> Result<Self> {
        let times = if args.minutes.is_some() { USUAL } else { SHORTENED };
        let mut control = system.control("control")?;
        for (name, seconds) in ["LATE", "TRIM", "CLOSE"].iter().zip(times) {
            control.service = control.service.env(&format!("UPGUARD_TIMES__{name}"), &format!("{seconds}s"));
        }
        control.service.start()?;
        let ready = format!("{}/readyz", control.admin);
        control.service.wait_until("its /readyz says 200", || http::is_ok(&ready))?;
        let probe = system.probe("eu-west", "bench")?;
        let probe = probe.env("UPGUARD_PROBE__THREADS", &args.threads.to_string());
        let mut probe = probe.env("UPGUARD_PROBE__CONCURRENCY", &args.concurrency.to_string());
        probe.start()?;
        let registered = "select count(*) from regions";
        probe.wait_until("its region is registered", || system.number(registered).is_ok_and(|count| count == 1))?;
        Ok(Self { system, nginx, control, probe, made: 0, times })
    }

    /// Lowers the rate until it is kept. Returns what the last one stored a second, and all that were tried.
    fn search(&mut self, args: &Args, wrk: f64) -> Result<(f64, Value)> {
        let mut rounds = Vec::new();
        let mut stored = 0.0;
        for round in 0..TRIES {
            let share = args.rate.map_or(args.fraction, |rate| rate / wrk) - LESS * round as f64;
            if share <= 0.0 {
                break;
            }
            self.crowd((share * wrk) as usize * INTERVAL as usize)?;
            let found = self.measure(args)?;
            eprintln!("{found}");
            stored = found["stored_per_second"].as_f64().unwrap_or(0.0);
            let kept = found["kept_up"] == true;
            rounds.push(found);
            if kept {
                break;
            }
        }
        Ok((stored, rounds.into()))
    }

    /// Makes monitors, or pauses as many as are too many.
    fn crowd(&mut self, wanted: usize) -> Result<()> {
        if self.made == 0 {
            crowd::make(self.system, wanted, INTERVAL, &self.nginx.url(), &Since::Now)?;
            crowd::settle(self.system)?;
        } else {
            crowd::pause(self.system, self.made.saturating_sub(wanted))?;
        }
        self.made = wanted;
        sleep(SETTLE);
        Ok(())
    }

    fn measure(&mut self, args: &Args) -> Result<Value> {
        // By then slots are closed every second, as they are ever after.
        let lead = Duration::from_secs(if args.minutes.is_some() { 0 } else { self.times[2] + BEYOND / 2 });
        sleep(lead.saturating_sub(SETTLE));
        let least = if args.minutes.is_some() { self.times[2] + BEYOND } else { BEYOND / 2 };
        let seconds = args.minutes.map_or(args.seconds, |minutes| minutes * 60).max(least);
        let stored = |admin: &str| -> Result<f64> {
            let name = "upguard_ingest_outcomes_total";
            Ok(metric(admin, name, "")? - metric(admin, name, "missed")?)
        };
        let admin = self.control.admin.clone();
        let postgres = self.system.postgres().pid();
        let cores = Cores::of(&[
            ("control", self.control.service.pid().unwrap_or_default()),
            ("probe", self.probe.pid().unwrap_or_default()),
            ("postgres", postgres),
            ("redis", self.system.redis().pid()),
            ("nginx", self.nginx.pid()),
        ]);
        let (from, before) = (unix_now(), stored(&admin)?);
        let began = std::time::Instant::now();
        let by_minute = cpu_by_minute(postgres, seconds);
        let per_second = (stored(&admin)? - before) / began.elapsed().as_secs_f64();
        let used = cores.used();
        // The last second's checks need not be stored yet.
        let (first, last) = (from, from + seconds as i64 - 2);
        let expected = self.system.number(&format!("select count(*) from expected(0::smallint, {first}, {last})"))?;
        let rows = self.system.sql(&format!(
            "select count(*) filter (where verdict = 'up'), count(*) filter (where verdict = 'missed'),
                    coalesce(percentile_disc(0.5) within group (order by started_ms), 0),
                    coalesce(percentile_disc(0.99) within group (order by started_ms), 0)
             from results where attempt = 0 and slot between {first} and {last}"
        ))?;
        let rows: Vec<i64> = rows.split('|').filter_map(|number| number.parse().ok()).collect();
        let [up, missed, p50, p99] = rows[..] else { anyhow::bail!("not four numbers: {rows:?}") };
        let due = expected as f64 / (last - first + 1) as f64;
        Ok(json!({
            "due_per_second": rounded(due), "stored_per_second": rounded(per_second),
            "expected": expected, "up": up, "missed": missed, "lag_ms_p50": p50, "lag_ms_p99": p99,
            "kept_up": up == expected && p99 < LAG_MS, "cores_used": used,
            "postgres_cores_by_minute": by_minute,
        }))
    }
}

/// Cores that PostgreSQL used in each minute of the next `seconds`; what is left of the last one counts as one.
fn cpu_by_minute(postgres: i32, seconds: u64) -> Vec<Value> {
    let mut left = seconds;
    let mut minutes = Vec::new();
    while left > 0 {
        let minute = left.min(60);
        let cores = Cores::of(&[("postgres", postgres)]);
        sleep(Duration::from_secs(minute));
        minutes.push(cores.used()["postgres"].clone());
        left -= minute;
    }
    minutes
}
