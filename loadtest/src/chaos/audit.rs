//! The books, read in SQL when the run is over: what was expected up to `closed` against what is stored, and for every
//! missed slot the fault that can answer for it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::play::Happened;

/// How long before its beginning a fault can reach back: a slot this old is not started any more (`times.late`).
pub(super) const BEFORE: i64 = 20;
/// How long after its end a fault can be felt: leases lapse and are claimed, lanes change hands, backlogs drain.
const AFTER: i64 = 25;

/// Seconds of a step of the timeline.
const STEP: i64 = 10;

/// Every attempt-0 row and every expected slot, side by side. Slots after a lane's `closed` are not judged yet.
const BOOKS: &str = "
with e as (
    select e.slot, e.monitor, e.region, count(*) as times
    from lanes l cross join lateral expected(l.lane, (select min(from_slot) from cadences), l.closed) e
    group by 1, 2, 3
), r as (
    select r.slot, r.monitor, r.region, count(*) as times
    from results r join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
    where r.attempt = 0 and r.slot <= l.closed
    group by 1, 2, 3
), books as (
    select slot, monitor, region, e.times as expected, r.times as stored from e full join r using (slot, monitor, region)
)";

/// What the books say.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// Slots that had to have a row.
    pub(super) expected: i64,
    /// Rows of attempt 0.
    pub(super) stored: i64,
    /// Expected slots without a row.
    pub(super) lost: i64,
    /// Rows that are not expected, or stored twice.
    pub(super) doubled: i64,
    /// A few of those, for people.
    pub(super) samples: Vec<String>,
    /// Rows by verdict.
    pub(super) verdicts: BTreeMap<String, i64>,
    /// Missed rows by reason.
    pub(super) missed: BTreeMap<String, i64>,
    /// Of those, how many each kind of fault answers for; each is counted once, with the fault nearest to it.
    pub(super) explained: BTreeMap<String, BTreeMap<&'static str, i64>>,
    /// Missed rows by slot, in steps of [`STEP`], and reason.
    pub(super) timeline: BTreeMap<i64, BTreeMap<String, i64>>,
    /// Missed rows no fault answers for.
    pub(super) unexplained: i64,
}

/// Reads the books through `ask`, which runs SQL and answers rows as lines with columns separated by `|`, and lays the
/// missed rows beside `faults`.
pub(super) fn audit(ask: impl Fn(&str) -> Result<String>, faults: &[Happened]) -> Result<Audit> {
    let mut audit = Audit::default();
    let totals = ask(&format!(
        "{BOOKS} select coalesce(sum(expected), 0), coalesce(sum(stored), 0), count(*) filter (where stored is null),
                coalesce(sum(stored) filter (where expected is null), 0)
                + coalesce(sum(stored + expected - 2) filter (where stored + expected > 2), 0)
         from books"
    ))?;
    let numbers = totals.split('|').map(str::parse).collect::<Result<Vec<i64>, _>>();
    [audit.expected, audit.stored, audit.lost, audit.doubled] =
        numbers.ok().and_then(|numbers| numbers.try_into().ok()).with_context(|| format!("the books say: {totals}"))?;
    if audit.lost + audit.doubled > 0 {
        let wrong = "stored is null or expected is null or stored + expected > 2";
        let sql = format!("{BOOKS} select * from books where {wrong} order by slot, monitor, region limit 20");
        audit.samples = ask(&sql)?.lines().map(str::to_owned).collect();
    }
    audit.verdicts = counts(&ask(&closed_rows("r.verdict", "true"))?)?;
    for line in ask(&closed_rows("r.slot || ' ' || g.id || ' ' || r.reason", "r.verdict = 'missed'"))?.lines() {
        audit.explain(line, faults).with_context(|| format!("a missed row: {line}"))?;
    }
    Ok(audit)
}

fn closed_rows(group: &str, condition: &str) -> String {
    format!(
        "select {group}, count(*) from results r join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
         join regions g on g.key = r.region where r.attempt = 0 and r.slot <= l.closed and {condition} group by 1 order by 1"
    )
}

fn counts(rows: &str) -> Result<BTreeMap<String, i64>> {
    let read = |row: &str| Some((row.split_once('|')?.0.to_owned(), row.split_once('|')?.1.parse().ok()?));
    rows.lines().map(read).collect::<Option<_>>().with_context(|| format!("not `word|count`: {rows}"))
}

impl Audit {
    /// `row` is `slot region reason|count`.
    fn explain(&mut self, row: &str, faults: &[Happened]) -> Option<()> {
        let (key, count) = row.split_once('|')?;
        let mut words = key.split(' ');
        let slot: i64 = words.next()?.parse().ok()?;
        let (region, reason) = (words.next()?, words.next()?);
        let count: i64 = count.parse().ok()?;
        *self.missed.entry(reason.to_owned()).or_default() += count;
        *self.timeline.entry(slot - slot % STEP).or_default().entry(reason.to_owned()).or_default() += count;
        let covers = |fault: &&Happened| {
            let felt = fault.from as i64 - BEFORE..=fault.to.ceil() as i64 + AFTER;
            felt.contains(&slot) && fault.kind.explains(reason, region)
        };
        match faults.iter().filter(covers).min_by(|one, two| nearness(one, slot).total_cmp(&nearness(two, slot))) {
            Some(fault) => {
                let by = self.explained.entry(reason.to_owned()).or_default();
                *by.entry(fault.kind.as_str()).or_default() += count;
            }
            None => self.unexplained += count,
        }
        Some(())
    }
}

/// Seconds between a slot and a fault; of faults that span the slot, the longer one is nearer.
fn nearness(fault: &Happened, slot: i64) -> f64 {
    let slot = slot as f64;
    let apart = (fault.from - slot).max(slot - fault.to);
    if apart > 0.0 { apart } else { fault.from - fault.to }
}

#[cfg(test)]
mod tests {
    use super::{super::faults::Kind, *};
    use crate::schema::Schema;

    /// A monitor at 10 s and one region, slots 100, 110, 120 and 130 due and closed.
    const LEDGER: &str = "
        insert into lanes (lane, frontier, closed, summarised) values (0, 139, 130, 0);
        insert into regions (id, from_slot) values ('eu-west', 0);
        insert into organisations (id, name) values (gen_random_uuid(), 'x');
        insert into monitors (id, organisation, lane, name, url, interval, phase)
            select gen_random_uuid(), id, 0, 'm', 'http://a.example/', 10, 0 from organisations;
        insert into cadences (monitor, lane, interval, phase, from_slot) values (1, 0, 10, 0, 95);
        select make_partitions(0, 1000);
        insert into results (slot, monitor, region, attempt, verdict, reason) values
            (100, 1, 1, 0, 'up', null), (110, 1, 1, 0, 'missed', 'no_probe'), (120, 1, 1, 0, 'down', 'connect'),
            (120, 1, 1, 255, 'up', null), (130, 1, 1, 0, 'up', null)";

    #[test]
    fn the_books_are_read_on_the_real_schema() {
        let schema = Schema::new();
        let ask = |sql: &str| schema.ask(sql);
        ask(LEDGER).unwrap();
        let gone = [Happened { kind: Kind::RegionGone(0), from: 108.0, to: 112.0 }];
        let right = audit(ask, &gone).unwrap();
        assert_eq!((right.expected, right.stored, right.lost, right.doubled), (4, 4, 0, 0));
        assert_eq!((right.missed["no_probe"], right.verdicts["up"], right.unexplained), (1, 2, 0));
        ask("delete from results where slot = 100; insert into results values (101, 1, 1, 0, 'up')").unwrap();
        let wrong = audit(ask, &[]).unwrap();
        assert_eq!((wrong.expected, wrong.stored, wrong.lost, wrong.doubled), (4, 4, 1, 1));
        assert_eq!(wrong.samples, ["100|1|1|1|", "101|1|1||1"]);
        assert_eq!(wrong.unexplained, 1);
        ask("insert into cadences (monitor, lane, interval, phase, from_slot) values (1, 0, 10, 0, 125)").unwrap();
        assert_eq!(audit(ask, &[]).unwrap().doubled, 2, "a slot that two cadences expect");
    }

    #[test]
    fn a_missed_slot_needs_a_fault_of_its_time_and_place() {
        let gone = Happened { kind: Kind::RegionGone(2), from: 1_000.5, to: 1_015.2 };
        let mut audit = Audit::default();
        for row in ["1010 us-east late|3", "1010 eu-west late|1", "1042 us-east no_probe|1", "1041 us-east no_probe|1"]
        {
            audit.explain(row, std::slice::from_ref(&gone)).unwrap();
        }
        assert_eq!(audit.unexplained, 2);
        assert_eq!(audit.explained["late"]["region_gone"], 3);
        assert_eq!((audit.missed["late"], audit.missed["no_probe"]), (4, 2));
        let killed = Happened { kind: Kind::KillControl(0), from: 1_009.0, to: 1_012.0 };
        let mut audit = Audit::default();
        for row in ["1010 us-east late|1", "1030 us-east late|1", "990 eu-west late|1"] {
            audit.explain(row, &[gone.clone(), killed.clone()]).unwrap();
        }
        assert_eq!((audit.explained["late"]["region_gone"], audit.explained["late"]["kill_control"]), (2, 1));
    }
}
