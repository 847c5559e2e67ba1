//! The audit of slots when the run is over, and for every missed slot the fault that can answer for it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use testbed::audit::{self, Totals};

use super::inject::Happened;

/// How long before its beginning a fault can reach back: a slot this old is not started any more (`times.late`).
pub(super) const BEFORE: i64 = 20;
/// How long after its end a fault can be felt: leases lapse and are claimed, lanes change hands, backlogs drain.
const AFTER: i64 = 25;

/// Seconds of a step of the timeline.
const STEP: i64 = 10;

/// What the audit found.
#[derive(Debug, Default)]
pub(super) struct Audit {
    pub(super) totals: Totals,
    /// A few of the slots that are wrong, for people.
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

/// Audits through `ask`, which runs SQL and answers rows as lines with columns separated by `|`, and lays the
/// missed rows beside `faults`.
pub(super) fn audit(ask: impl Fn(&str) -> Result<String>, faults: &[Happened]) -> Result<Audit> {
    let mut audit = Audit { totals: audit::totals(&ask)?, ..Audit::default() };
    if audit.totals.lost + audit.totals.doubled > 0 {
        audit.samples = audit::wrong(&ask, 20)?;
    }
    audit.verdicts = audit::rows(&ask, "r.verdict")?;
    let place = "case when r.verdict = 'missed' then r.slot || ' ' || g.id || ' ' || r.reason end";
    for (row, count) in audit::rows(&ask, place)?.iter().filter(|(row, _)| !row.is_empty()) {
        audit.explain(row, *count, faults).with_context(|| format!("a missed row: {row}"))?;
    }
    Ok(audit)
}

impl Audit {
    /// `row` is `slot region reason`.
    fn explain(&mut self, row: &str, count: i64, faults: &[Happened]) -> Option<()> {
        let mut words = row.split(' ');
        let slot: i64 = words.next()?.parse().ok()?;
        let (region, reason) = (words.next()?, words.next()?);
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
    use testbed::schema::{LEDGER, Schema};

    use super::{super::faults::Kind, *};

    #[test]
    fn missed_rows_are_laid_beside_faults() {
        let schema = Schema::new().unwrap();
        let ask = |sql: &str| schema.ask(sql);
        ask(LEDGER).unwrap();
        let gone = [Happened { kind: Kind::RegionGone(0), from: 108.0, to: 112.0 }];
        let right = audit(ask, &gone).unwrap();
        assert_eq!((right.totals.lost, right.totals.doubled, right.samples.len()), (0, 0, 0));
        assert_eq!((right.missed["no_probe"], right.verdicts["up"], right.unexplained), (1, 2, 0));
        ask("delete from results where slot = 100").unwrap();
        let wrong = audit(ask, &[]).unwrap();
        assert_eq!((wrong.totals.lost, wrong.unexplained), (1, 1));
        assert_eq!(wrong.samples, ["100|1|1|1|0"]);
    }

    #[test]
    fn a_missed_slot_needs_a_fault_of_its_time_and_place() {
        let gone = Happened { kind: Kind::RegionGone(2), from: 1_000.5, to: 1_015.2 };
        let mut audit = Audit::default();
        for (row, count) in [
            ("1010 us-east late", 3),
            ("1010 eu-west late", 1),
            ("1042 us-east no_probe", 1),
            ("1041 us-east no_probe", 1),
        ] {
            audit.explain(row, count, std::slice::from_ref(&gone)).unwrap();
        }
        assert_eq!(audit.unexplained, 2);
        assert_eq!(audit.explained["late"]["region_gone"], 3);
        assert_eq!((audit.missed["late"], audit.missed["no_probe"]), (4, 2));
        let killed = Happened { kind: Kind::KillControl(0), from: 1_009.0, to: 1_012.0 };
        let mut audit = Audit::default();
        for row in ["1010 us-east late", "1030 us-east late", "990 eu-west late"] {
            audit.explain(row, 1, &[gone.clone(), killed.clone()]).unwrap();
        }
        assert_eq!((audit.explained["late"]["region_gone"], audit.explained["late"]["kill_control"]), (2, 1));
    }
}
