//! The figures of a run, what each of them may be, and how they come about. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testbed::audit::Totals;

use super::{RECOVERY, UNDONE, Window, setup::OTHERS};
use crate::unchecked::Found;

/// A figure and the most it may be.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) limit: f64,
    /// What it counts, for who reads a report.
    pub(super) means: &'static str,
}

const fn figure(name: &'static str, limit: f64, means: &'static str) -> Figure {
    Figure { name, limit, means }
}

/// Figures that are looked at all the time: the first one that is off ends the run.
pub(super) const RUNNING: [Figure; 18] = [
    figure("lane_stalled_seconds", 10.0, "the longest time without a commit of the lane; a takeover takes less"),
    figure("others_not_up", 0.0, "monitors of other regions that were called down, regional or degraded"),
    figure("others_unknown_percent", 5.0, "of them, the most that were unknown at once: the machine's share"),
    figure("shared_called_down", 0.0, "monitors of all regions that were called down by one of three"),
    figure("others_incidents", 0.0, "incidents of monitors that do not name the region"),
    figure(
        "certificate_incidents",
        0.0,
        "incidents of certificates of monitors that other regions look at too; none has one",
    ),
    figure("shared_down_incidents", 0.0, "incidents of monitors of all regions that were as bad as down"),
    figure("moments_ahead", 0.0, "statuses and incidents dated in the future"),
    figure("workers", 2_000.0, "rows of workers"),
    figure("worker_name_bytes", 512.0, "the longest name of a worker"),
    figure("regions", 3.0, "registered regions"),
    figure("control_rss_mib", 400.0, "the most memory that a control replica ever had"),
    figure("control_ended", 0.0, "control replicas that ended by themselves"),
    figure("control_log_mib", 16.0, "the longest log of a control replica"),
    figure("dead_mib", 16.0, "memory of dead letters in Redis"),
    figure("answers_unreadable", 0.0, "answers of the API that were no JSON, or held a bad date or name"),
    figure("unanswered_in_a_row", 10.0, "requests in a row that one replica did not answer with 200"),
    figure("watch_errors", 5.0, "times that PostgreSQL or Redis did not answer the watch"),
];

/// Figures of the end.
pub(super) const ENDING: [Figure; 14] = [
    figure("lost", 0.0, "expected slots without a row, of all regions"),
    figure("doubled", 0.0, "rows that are not expected, or stored twice, of all regions"),
    figure("missed_elsewhere", 0.0, "slots of other regions missed for another reason than late, silence apart"),
    figure("late_elsewhere_percent", 0.5, "slots of other regions that were late: the machine's share"),
    figure("closed_behind_seconds", 0.0, "how far closing is behind the end of the attack, once it had time"),
    figure("foreign_rows", 0.0, "rows of a region that their monitor does not name"),
    figure("rows_ahead", 0.0, "rows of slots in the future"),
    figure(
        "certificates_believed",
        0.0,
        "monitors without TLS, of other regions too, that have the end of a certificate",
    ),
    figure("longest_detail_bytes", 240.0, "the longest detail of a row"),
    figure("alerts_false", 0.0, "what people were told of monitors that are up"),
    figure("permitted", 0.0, "commands that Redis should have refused to the region's user"),
    figure("kinds_not_sent", 0.0, "kinds of attack that never came about"),
    figure("unchecked_shown_up_seconds", 0.0, "seconds in which something was called up that nobody had looked at"),
    figure("others_stored", -1.0, "rows of other regions, at least one; as a negative number"),
];

/// Numbers that SQL answers at the end, by the name of their figure.
pub(super) const FINAL: [(&str, &str); 4] = [
    (
        "foreign_rows",
        "select count(*) from results r join monitors m on m.key = r.monitor
         where m.regions is not null and not r.region = any (m.regions)",
    ),
    ("rows_ahead", "select count(*) from results where slot > extract(epoch from now()) + 5"),
    (
        "certificates_believed",
        "select count(*) from monitor_status s join monitors m on m.key = s.monitor
         where s.cert_not_after is not null
           and m.regions is distinct from array(select key from regions where id = 'hostile')",
    ),
    ("longest_detail_bytes", "select coalesce(max(octet_length(detail)), 0) from results"),
];

/// What was seen.
#[derive(Default)]
pub(super) struct Gathered {
    /// The worst of each figure.
    worst: BTreeMap<&'static str, f64>,
    pub(super) totals: Totals,
    /// Slots that are wrong, for people.
    pub(super) wrong: Vec<String>,
    /// Missed rows of other regions: `region reason`.
    pub(super) missed: BTreeMap<String, i64>,
    /// Of those, how many fall into a time in which jobs were taken.
    pub(super) silenced: i64,
    late: i64,
    pub(super) unchecked: Found,
    /// Sentences about what is wrong.
    pub(super) samples: Vec<String>,
    /// How often the region's results were deleted, as an operator would.
    pub(super) deleted: usize,
    /// How often the lane changed hands, or was let go.
    pub(super) turnovers: i64,
    /// Why, by the logs.
    pub(super) let_go: BTreeMap<String, usize>,
    /// Seconds of watching.
    pub(super) watched: usize,
}

impl Gathered {
    /// Notes a figure; the worst is kept.
    pub(super) fn note(&mut self, name: &'static str, value: f64) {
        let worst = self.worst.entry(name).or_insert(value);
        *worst = worst.max(value);
    }

    /// Adds to a figure that is a count.
    pub(super) fn add(&mut self, name: &'static str, value: f64) {
        *self.worst.entry(name).or_default() += value;
    }

    /// Notes a sentence.
    pub(super) fn say(&mut self, sentence: String) {
        if self.samples.len() < 40 {
            self.samples.push(sentence);
        }
    }

    /// Weighs missed rows of one slot.
    pub(super) fn miss(
        &mut self,
        (slot, region, reason): (i64, &str, &str),
        count: i64,
        since: i64,
        windows: &[Window],
    ) {
        if slot < since || !OTHERS.contains(&region) {
            return;
        }
        *self.missed.entry(format!("{region} {reason}")).or_default() += count;
        if windows.iter().any(|window| (window.from - UNDONE..=window.to + RECOVERY).contains(&slot)) {
            self.silenced += count;
        } else if reason == "late" {
            self.late += count;
        } else {
            self.add("missed_elsewhere", count as f64);
        }
    }

    /// Sums up, once the audit is done; `stored` is how many rows the other regions have.
    pub(super) fn sum_up(&mut self, stored: i64) {
        self.note("lost", self.totals.lost as f64);
        self.note("doubled", self.totals.doubled as f64);
        self.note("late_elsewhere_percent", 100.0 * self.late as f64 / stored.max(1) as f64);
        self.note("unchecked_shown_up_seconds", self.unchecked.seconds as f64);
        self.note("others_stored", -(stored as f64));
    }

    /// Figures of `table` that are off.
    pub(super) fn off<'t>(&self, table: &'t [Figure]) -> Vec<&'t Figure> {
        table.iter().filter(|figure| self.value(figure) > figure.limit).collect()
    }

    /// A figure nobody noted is 0: counts begin there.
    fn value(&self, figure: &Figure) -> f64 {
        self.worst.get(figure.name).copied().unwrap_or(0.0)
    }

    /// One figure for a report.
    pub(super) fn json(&self, figure: &Figure) -> Value {
        let value = (self.value(figure) * 1000.0).round() / 1000.0;
        json!({"value": value, "limit": figure.limit, "right": value <= figure.limit, "means": figure.means})
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn off(gathered: &Gathered) -> Vec<&'static str> {
        let tables = [&RUNNING[..], &ENDING[..]];
        tables.iter().flat_map(|table| gathered.off(table)).map(|figure| figure.name).collect()
    }

    /// Nothing wrong, and something done.
    fn right() -> Gathered {
        let mut gathered =
            Gathered { totals: Totals { expected: 9, stored: 9, lost: 0, doubled: 0 }, ..Gathered::default() };
        gathered.sum_up(6);
        gathered
    }

    #[test]
    fn every_figure_can_be_off() {
        assert_eq!(off(&right()), [""; 0]);
        for figure in RUNNING.iter().chain(&ENDING) {
            let mut gathered = right();
            gathered.note(figure.name, figure.limit + 0.5);
            assert_eq!(off(&gathered), [figure.name]);
            assert_eq!(gathered.json(figure)["right"], false);
        }
        let names: HashSet<_> = RUNNING.iter().chain(&ENDING).map(|figure| figure.name).collect();
        assert_eq!(names.len(), RUNNING.len() + ENDING.len());
        assert!(FINAL.iter().all(|(name, _)| names.contains(name)));
    }

    #[test]
    fn a_run_that_stored_nothing_is_off() {
        let mut gathered = Gathered::default();
        gathered.sum_up(0);
        assert_eq!(off(&gathered), ["others_stored"]);
    }

    #[test]
    fn missed_slots_count_by_region_reason_and_time() {
        let windows = [Window { from: 500, to: 510 }];
        for (slot, region, reason, figures) in [
            (200, "eu-west", "no_probe", &["missed_elsewhere"][..]),
            (200, "us-east", "scheduler", &["missed_elsewhere"]),
            (200, "us-east", "late", &["late_elsewhere_percent"]),
            (200, "hostile", "no_probe", &[]),
            (99, "eu-west", "no_probe", &[]),
            (505, "eu-west", "no_probe", &[]),
            (499 - UNDONE, "eu-west", "no_probe", &["missed_elsewhere"]),
            (511 + RECOVERY, "eu-west", "no_probe", &["missed_elsewhere"]),
        ] {
            let mut gathered = Gathered::default();
            gathered.miss((slot, region, reason), 1, 100, &windows);
            gathered.sum_up(100);
            assert_eq!(off(&gathered), figures, "{slot} {region} {reason}");
        }
    }

    #[test]
    fn the_audit_and_what_was_shown_are_figures() {
        let mut gathered = right();
        gathered.totals = Totals { lost: 1, doubled: 2, ..gathered.totals };
        gathered.unchecked.seconds = 3;
        gathered.sum_up(6);
        assert_eq!(off(&gathered), ["lost", "doubled", "unchecked_shown_up_seconds"]);
    }
}
