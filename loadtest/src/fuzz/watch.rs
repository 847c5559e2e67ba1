//! Looks at the system once a second while it is attacked: PostgreSQL, Redis, memory, and what the API answers. Plays the
//! operator too, who deletes a stream whose last id lies in the future.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use testbed::{
    clock::unix_now,
    resp::{Reply, Socket},
};
use tokio::runtime::Handle;

use super::{
    answers::problems,
    figures::{Gathered, RUNNING},
    setup::{HOSTILE, Setup},
};
use crate::hostile::{delete_results, is_ahead};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// For how many looks a stream may stay ahead until the operator deletes it: control may mend it first.
const AHEAD_MAX: usize = 4;
/// Dead letters.
const DEAD: &str = "{betteruptime:website}:_dead";

/// What SQL answers, in this order, each for the figure of its name; the last is the lane's epoch.
const LOOK: [(&str, &str); 11] = [
    ("lane_stalled_seconds", "(select floor(extract(epoch from clock_timestamp()))::bigint - min(heard) from lanes)"),
    ("others_not_up", "(select count(*) from watched where elsewhere and status in ('down', 'regional', 'degraded'))"),
    (
        "others_unknown_percent",
        "(select coalesce(100 * count(*) filter (where status = 'unknown') / nullif(count(*), 0), 0) from watched
          where elsewhere)",
    ),
    ("shared_called_down", "(select count(*) from watched where everywhere and status = 'down')"),
    ("others_incidents", "(select count(*) from incidents i join watched w on w.key = i.monitor where w.elsewhere)"),
    (
        "certificate_incidents",
        "(select count(*) from incidents i join watched w on w.key = i.monitor
          where i.kind = 'certificate' and (w.elsewhere or w.everywhere))",
    ),
    (
        "shared_down_incidents",
        "(select count(*) from incidents i join watched w on w.key = i.monitor where w.everywhere and i.worst = 'down')",
    ),
    (
        "moments_ahead",
        "(select count(*) from monitor_status where since > extract(epoch from now()) + 5)
         + (select count(*) from incidents where greatest(opened_at, resolved_at) > extract(epoch from now()) + 5)",
    ),
    ("workers", "(select count(*) from workers)"),
    ("worker_name_bytes", "(select coalesce(max(octet_length(worker)), 0) from workers)"),
    ("regions", "(select count(*) from regions)"),
];

/// One who looks.
pub(super) struct Watch<'a> {
    setup: &'a Setup,
    handle: Handle,
    sql: String,
    /// Whether a figure that is off ends the run.
    strict: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(setup: &'a Setup, handle: Handle, strict: bool) -> Self {
        let sql = look_sql();
        Self { setup, handle, sql, strict }
    }

    /// Looks until it is over; with the first figure that is off it says stop.
    pub(super) fn run(&self, over: &AtomicBool, stop: &AtomicBool) -> Gathered {
        let mut gathered = Gathered::default();
        let (mut operator, mut ahead, mut silent) = (None, 0, [0; 2]);
        let mut first_epoch = None;
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            let epoch = failing(&mut gathered, |gathered| self.ask_postgres(gathered));
            first_epoch = first_epoch.or(epoch);
            gathered.turnovers = epoch.zip(first_epoch).map_or(gathered.turnovers, |(now, first)| now - first);
            failing(&mut gathered, |gathered| self.ask_redis(&mut operator, &mut ahead, gathered));
            self.look_at_memory(&mut gathered);
            for (place, silent) in silent.iter_mut().enumerate() {
                self.ask_api(place, silent, &mut gathered);
            }
            gathered.watched += 1;
            let off = gathered.off(&RUNNING);
            if self.strict && !off.is_empty() && !stop.swap(true, Ordering::Relaxed) {
                let names: Vec<_> = off.iter().map(|figure| figure.name).collect();
                eprintln!("           a finding, the run ends here: {}", names.join(", "));
            }
            sleep(EVERY.saturating_sub(began.elapsed()));
        }
        gathered
    }

    /// Returns the lane's epoch.
    fn ask_postgres(&self, gathered: &mut Gathered) -> Result<i64> {
        let row = self.setup.system.sql(&self.sql)?;
        let numbers = row.split('|').map(str::parse).collect::<Result<Vec<i64>, _>>();
        let numbers = numbers.with_context(|| format!("the watch read: {row}"))?;
        for ((name, _), number) in LOOK.iter().zip(&numbers) {
            gathered.note(name, *number as f64);
        }
        numbers.last().copied().context("the watch read nothing")
    }

    fn ask_redis(&self, operator: &mut Option<Socket>, ahead: &mut usize, gathered: &mut Gathered) -> Result<()> {
        let mut socket = match operator.take() {
            Some(socket) => socket,
            None => self.setup.system.redis_operator()?,
        };
        let bytes = socket.ask(&["MEMORY", "USAGE", DEAD, "SAMPLES", "0"])?;
        if let Reply::Number(bytes) = bytes {
            gathered.note("dead_mib", bytes as f64 / f64::from(1 << 20));
        }
        *ahead = if is_ahead(&mut socket, HOSTILE)? { *ahead + 1 } else { 0 };
        if *ahead >= AHEAD_MAX {
            delete_results(&mut socket, HOSTILE)?;
            gathered.deleted += 1;
            *ahead = 0;
        }
        *operator = Some(socket);
        Ok(())
    }

    fn look_at_memory(&self, gathered: &mut Gathered) {
        for place in 0..self.setup.pids.len() {
            let log = self.setup.system.dir.join("logs").join(format!("control-{place}.log"));
            let bytes = fs::metadata(log).map_or(0, |file| file.len());
            gathered.note("control_log_mib", bytes as f64 / f64::from(1 << 20));
        }
        for pid in &self.setup.pids {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            match peak_kib(&status) {
                Some(kib) => gathered.note("control_rss_mib", kib / 1024.0),
                // A process that ended has no memory.
                None => gathered.note("control_ended", 1.0),
            }
        }
    }

    fn ask_api(&self, place: usize, silent: &mut usize, gathered: &mut Gathered) {
        let path = self.path(gathered.watched);
        let answer = self.handle.block_on(self.setup.rest.ask_one(place, &path));
        let (status, body) = answer.map_or((0, serde_json::Value::Null), |answer| (answer.status, answer.body));
        if status != 200 {
            *silent += 1;
            gathered.note("unanswered_in_a_row", *silent as f64);
            if *silent == 1 {
                gathered.say(format!("{path} of control-{place} was answered with {status}: {body}"));
            }
            return;
        }
        *silent = 0;
        let wrong = if body.is_null() { vec!["no JSON".to_owned()] } else { problems(&body, unix_now()) };
        gathered.add("answers_unreadable", f64::from(u8::from(!wrong.is_empty())));
        for why in wrong.iter().take(3) {
            gathered.say(format!("{path} of control-{place}: {why}"));
        }
    }

    /// What is asked in turn: what shows a region, a monitor, its results, and lists of them.
    fn path(&self, turn: usize) -> String {
        let one = |ids: &[String]| ids.get(turn % ids.len().max(1)).cloned().unwrap_or_default();
        let (here, there) = (one(&self.setup.everywhere), one(&self.setup.elsewhere));
        match turn % 8 {
            0 | 4 => "/api/v1/regions".to_owned(),
            1 => "/api/v1/monitors?limit=200".to_owned(),
            2 => format!("/api/v1/monitors/{here}"),
            3 => format!("/api/v1/monitors/{there}"),
            5 => format!("/api/v1/monitors/{here}/results?limit=100"),
            6 => "/api/v1/monitors?view=live".to_owned(),
            _ => "/api/v1/incidents?limit=100".to_owned(),
        }
    }
}

/// All of [`LOOK`] in one row.
fn look_sql() -> String {
    let looks: Vec<_> = LOOK.iter().map(|(_, sql)| *sql).collect();
    format!(
        "with watched as (
             select m.key, s.status::text, m.regions is null as everywhere,
                    m.regions is not null and not g.key = any (m.regions) as elsewhere
             from monitors m join monitor_status s on s.monitor = m.key join regions g on g.id = '{HOSTILE}')
         select {}, (select max(epoch) from lanes)",
        looks.join(", ")
    )
}

/// Does it, and counts when that fails.
fn failing<T>(gathered: &mut Gathered, what: impl FnOnce(&mut Gathered) -> Result<T>) -> Option<T> {
    let done = what(gathered);
    done.inspect_err(|why| {
        gathered.add("watch_errors", 1.0);
        gathered.say(format!("the watch: {why:#}"));
    })
    .ok()
}

/// The most memory a process ever had, KiB, of its `/proc/<pid>/status`.
fn peak_kib(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use testbed::schema::{LEDGER, Schema};

    use super::{super::figures::FINAL, *};

    /// One of everything that is wrong: monitor 1 names no region, monitor 2 only the first.
    const WRONG: &str = "
        insert into regions (id, from_slot) values ('hostile', 0);
        insert into monitors (id, organisation, lane, name, url, interval, phase, regions)
            select gen_random_uuid(), id, 0, 'n', 'http://a.example/', 10, 0, '{1}' from organisations;
        insert into monitor_status (monitor, status, since, cert_not_after) values
            (1, 'down', 9999999999, null), (2, 'regional', 0, 7);
        insert into incidents (id, organisation, kind, monitor, level, worst, opened_at)
            select gen_random_uuid(), o.id, kind, monitor, level, level, at from organisations o, (values
                ('availability'::incident_kind, 1, 'down'::level, 9999999999), ('certificate', 1, 'certificate', 0),
                ('availability', 2, 'regional', 0)) v (kind, monitor, level, at);
        insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at)
            values (2, repeat('w', 300), '', 0, 0, 0, 0, now());
        select make_partitions(9999999999, 9999999999);
        insert into results (slot, monitor, region, attempt, verdict, detail) values
            (9999999999, 2, 2, 0, 'up', repeat('d', 3000));
        update lanes set heard = heard - 100, epoch = 4";

    #[test]
    fn everything_wrong_is_seen_on_the_real_schema() {
        let schema = Schema::new().unwrap();
        schema.ask(LEDGER).unwrap();
        schema.ask(WRONG).unwrap();
        let row = schema.ask(&look_sql()).unwrap();
        let mut numbers: Vec<i64> = row.split('|').map(|number| number.parse().unwrap()).collect();
        assert!(numbers[0] >= 100, "{row}");
        numbers.remove(0);
        assert_eq!(numbers, [1, 0, 1, 1, 1, 1, 2, 1, 300, 2, 4]);
        schema.ask("update monitor_status set status = 'unknown'").unwrap();
        assert_eq!(schema.ask(&look_sql()).unwrap().split('|').nth(2), Some("100"));
        for (name, sql) in FINAL {
            let expected = if name == "longest_detail_bytes" { "3000" } else { "1" };
            assert_eq!(schema.ask(sql).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn the_peak_is_read_and_who_is_gone_has_none() {
        assert_eq!(peak_kib("Name:\tx\nVmPeak:\t9 kB\nVmHWM:\t   123456 kB\nVmRSS:\t1 kB\n"), Some(123_456.0));
        assert_eq!(peak_kib("Name:\tx\nState:\tZ (zombie)\n"), None);
        assert_eq!(peak_kib(""), None);
    }
}
