//! What a run found, for people and as JSON.

use serde_json::{Value, json};

use super::{
    Args,
    figures::{ENDING, Figure, Gathered, RUNNING},
};
use crate::hostile::Tally;

/// Everything there is to say of a run.
pub(super) struct Report {
    pub(super) gathered: Gathered,
    pub(super) tally: Tally,
    /// The last commands sent.
    pub(super) recent: Vec<String>,
    /// Processes that ended by themselves.
    pub(super) ended: Vec<String>,
    pub(super) cut_short: bool,
}

impl Report {
    fn off(&self) -> Vec<&'static Figure> {
        // Where a run was cut short, closing had no time and some kinds had no turn.
        let needs_time = ["closed_behind_seconds", "kinds_not_sent", "others_stored"];
        let is_owed = |figure: &&Figure| !self.cut_short || !needs_time.contains(&figure.name);
        let ending = self.gathered.off(&ENDING).into_iter().filter(is_owed);
        self.gathered.off(&RUNNING).into_iter().chain(ending).collect()
    }

    /// Whether nothing was found.
    pub(super) fn is_right(&self) -> bool {
        self.off().is_empty() && self.ended.is_empty()
    }

    /// Prints it.
    pub(super) fn print(&self, args: &Args) {
        let gathered = &self.gathered;
        let totals = gathered.totals;
        eprintln!(
            "expected {}  stored {}  lost {}  doubled {}  commands taken {}  bytes {}  lane taken over {} times",
            totals.expected,
            totals.stored,
            totals.lost,
            totals.doubled,
            self.tally.accepted(),
            self.tally.bytes,
            gathered.turnovers
        );
        for (what, count) in &gathered.missed {
            eprintln!("missed: {what} {count}");
        }
        for sentence in gathered.samples.iter().chain(&gathered.unchecked.samples).chain(&self.tally.permitted).take(40)
        {
            eprintln!("wrong: {sentence}");
        }
        for slot in &gathered.wrong {
            eprintln!("wrong: slot|monitor|region|expected|stored = {slot}");
        }
        for (why, count) in &gathered.let_go {
            eprintln!("the lane was let go {count} times: {why}");
        }
        self.ended.iter().for_each(|ended| eprintln!("{ended}"));
        for figure in self.off() {
            eprintln!("OFF {}: {} — {}", figure.name, gathered.json(figure)["value"], figure.means);
        }
        if !self.is_right() {
            eprintln!("seed {}; the last commands:", args.seed);
            self.recent.iter().for_each(|line| eprintln!("  {line}"));
        }
        eprintln!("{}", if self.is_right() { "nothing was found" } else { "something was found" });
        if args.json {
            println!("{}", self.json(args));
        }
    }

    fn json(&self, args: &Args) -> Value {
        let gathered = &self.gathered;
        let figures = RUNNING.iter().chain(&ENDING).map(|figure| (figure.name.to_owned(), gathered.json(figure)));
        let figures: serde_json::Map<_, _> = figures.collect();
        let off: Vec<_> = self.off().iter().map(|figure| figure.name).collect();
        json!({
            "seed": args.seed, "seconds": args.seconds, "monitors": args.monitors, "right": self.is_right(), "off": off,
            "figures": figures, "expected": gathered.totals.expected, "stored": gathered.totals.stored,
            "missed_of_others": gathered.missed, "missed_while_silenced": gathered.silenced,
            "turnovers": gathered.turnovers, "let_go": gathered.let_go, "streams_deleted_by_operator": gathered.deleted,
            "watched_seconds": gathered.watched, "unchecked": gathered.unchecked.json(), "attack": self.tally.json(),
            "cut_short": self.cut_short, "ended": self.ended, "samples": gathered.samples,
            "last_commands": if self.is_right() { &[][..] } else { &self.recent[..] },
        })
    }
}
