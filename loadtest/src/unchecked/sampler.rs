//! Asks every living replica once a second what it calls up, in the shapes that answers have, and PostgreSQL what it had
//! stored by then.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::{clock::unix_ms, rest::Rest, system::TestSystem};
use tokio::runtime::Handle;

use super::{Looks, Shown, Stored};

/// The tag of the monitors that are asked about, which no other has.
pub const TAG: &str = "sampled";
/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How far back looks are searched for, seconds: further back than any monitor sampled may be called up.
const BACK: i64 = 120;

/// A monitor that is sampled: nobody edits it, and its site is always there.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// Its id.
    pub id: String,
    /// Seconds between checks.
    pub interval: i64,
}

/// Asks until it is over.
pub struct Sampler<'a> {
    /// Where PostgreSQL is.
    pub system: &'a TestSystem,
    /// The replicas.
    pub rest: &'a Rest,
    /// Where they are asked.
    pub handle: Handle,
    /// What is asked about; all have [`TAG`].
    pub monitors: &'a [Sampled],
}

impl Sampled {
    /// The body of such a monitor, and the interval it has.
    pub fn body(n: usize, url: &str, intervals: [u32; 2], policy: &str) -> Value {
        json!({
            "name": format!("sampled {n}"), "url": url, "interval": Self::interval(n, intervals), "timeout": 10,
            "alert_policy": policy, "tags": [TAG], "regions": ["eu-west", "us-east"],
        })
    }

    /// Half of them have the first.
    pub fn interval(n: usize, intervals: [u32; 2]) -> u32 {
        intervals[n % 2]
    }
}

impl Sampler<'_> {
    /// Returns all that was called up.
    pub fn run(&self, over: &AtomicBool) -> Vec<Shown> {
        let (mut shown, mut turn) = (Vec::new(), 0);
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            let mut now = self.ask_all(turn);
            // Asked after the answers: what was stored when they were given is in it.
            let stored = self.stored().ok();
            for each in &mut now {
                let newest = stored.as_ref().map(|stored| stored.get(&each.monitor).copied());
                each.stored = newest.map(|look| look.map_or(Stored::Nothing, Stored::Look));
            }
            shown.append(&mut now);
            turn += 1;
            sleep(EVERY.saturating_sub(began.elapsed()));
        }
        shown
    }

    /// Every look at the sampled monitors since a second, for answers nobody could judge at once.
    pub fn looks(&self, since: i64) -> Result<Looks> {
        let rows = self.system.sql(&looks_sql(self.monitors, since..unix_ms() / 1000, "l.at"))?;
        let mut looks = Looks::new();
        for row in rows.lines() {
            let (id, at) = read(row)?;
            looks.entry(id).or_default().insert(at);
        }
        Ok(looks)
    }

    /// The newest stored look at each.
    fn stored(&self) -> Result<BTreeMap<String, i64>> {
        let now = unix_ms() / 1000;
        let rows = self.system.try_sql(&looks_sql(self.monitors, now - BACK..now, "max(l.at)"))?;
        rows.lines().map(read).collect()
    }

    fn ask_all(&self, turn: usize) -> Vec<Shown> {
        // All at once: a replica that is paused takes its time.
        std::thread::scope(|scope| {
            let one = |place| scope.spawn(move || self.handle.block_on(self.ask(place, turn)));
            let asked: Vec<_> = (0..self.rest.replicas()).map(one).collect();
            asked.into_iter().filter_map(|answer| answer.join().ok()).flatten().collect()
        })
    }

    /// What one replica calls up. One that does not answer, or says that it cannot, calls nothing up.
    async fn ask(&self, place: usize, turn: usize) -> Vec<Shown> {
        let single = &self.monitors[turn % self.monitors.len()].id;
        let (path, what) = match turn % 3 {
            0 => (format!("/api/v1/monitors?limit=200&tag={TAG}"), "list"),
            1 => (format!("/api/v1/monitors?view=live&tag={TAG}"), "live view"),
            _ => (format!("/api/v1/monitors/{single}"), "answer"),
        };
        let asked_ms = unix_ms();
        let Ok(answer) = self.rest.ask_one(place, &path).await else { return Vec::new() };
        let answered_ms = unix_ms();
        let items = answer.body["items"].as_array().cloned().unwrap_or_else(|| vec![answer.body.clone()]);
        let is_up = |item: &&Value| answer.status == 200 && item["status"] == "up";
        let shown = items.iter().filter(is_up).filter_map(|item| {
            let sampled = self.monitors.iter().find(|sampled| item["id"] == sampled.id.as_str())?;
            let (monitor, interval) = (sampled.id.clone(), sampled.interval);
            let by = format!("the {what} of control-{place}");
            Some(Shown { by, monitor, interval, asked_ms, answered_ms, stored: None })
        });
        shown.collect()
    }
}

/// Looks of the sampled monitors at these slots, `id|milliseconds`. A look is a scheduled check that was carried out, when
/// it began.
fn looks_sql(monitors: &[Sampled], slots: Range<i64>, what: &str) -> String {
    let ids = monitors.iter().map(|sampled| format!("'{}'", sampled.id)).collect::<Vec<_>>().join(",");
    let by = if what.starts_with("max") { "group by l.id" } else { "" };
    format!(
        "select l.id, {what} from (
             select m.id, r.slot * 1000 + coalesce(r.started_ms, 0) as at
             from monitors m
             cross join lateral slots_of(m.key, {}, {}) s
             join results r on r.slot = s.slot and r.monitor = m.key and r.attempt = 0
             where m.id in ({ids}) and r.verdict <> 'missed') l {by}",
        slots.start, slots.end
    )
}

fn read(row: &str) -> Result<(String, i64)> {
    let (id, at) = row.split_once('|').with_context(|| format!("not `id|milliseconds`: {row}"))?;
    Ok((id.to_owned(), at.parse()?))
}

#[cfg(test)]
mod tests {
    use testbed::schema::{LEDGER, Schema};

    use super::*;

    #[test]
    fn looks_are_read_on_the_real_schema_and_missed_slots_are_none() {
        let schema = Schema::new().unwrap();
        schema.ask(LEDGER).unwrap();
        schema.ask("update results set started_ms = 7 where slot = 130").unwrap();
        let id = schema.ask("select id from monitors").unwrap();
        let monitors = [Sampled { id: id.clone(), interval: 10 }];
        let ask = |since: i64, what: &str| {
            let rows = schema.ask(&looks_sql(&monitors, since..200, what)).unwrap();
            let mut at: Vec<_> = rows.lines().map(|row| read(row).unwrap()).collect();
            at.sort_unstable();
            assert!(at.iter().all(|(of, _)| *of == id));
            at.into_iter().map(|(_, at)| at).collect::<Vec<_>>()
        };
        assert_eq!(ask(0, "l.at"), [100_000, 120_000, 130_007]);
        assert_eq!(ask(110, "max(l.at)"), [130_007]);
        assert_eq!(ask(131, "max(l.at)"), [0; 0]);
    }
}
