//! What a chaos run found, for people and as JSON. It judges nothing.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use testbed::judge::Judgement;

use super::{
    Args,
    audit::{Audit, BEFORE},
    edits::Tally,
    inject::{Crash, Happened},
};
use crate::unchecked::Found;

/// Everything there is to say of a run.
pub(super) struct Report {
    pub(super) audit: Audit,
    pub(super) alerts: Judgement,
    pub(super) repeats: usize,
    pub(super) unchecked: Found,
    pub(super) happened: Vec<Happened>,
    pub(super) crashes: Vec<Crash>,
    pub(super) edits: Tally,
    pub(super) created_per_second: f64,
    pub(super) waited: Waited,
}

/// How the lane fared.
pub(super) struct Waited {
    /// How long closing took once all was calm; nothing where it never came so far.
    pub(super) closed_after: Option<Duration>,
    /// Why the lane was let go, and how often.
    pub(super) let_go: BTreeMap<String, usize>,
}

impl Report {
    /// Prints it.
    pub(super) fn print(&self, args: &Args) {
        let audit = &self.audit;
        eprintln!(
            "expected {}  stored {}  lost {}  doubled {}  verdicts {:?}",
            audit.totals.expected, audit.totals.stored, audit.totals.lost, audit.totals.doubled, audit.verdicts
        );
        for (reason, count) in &audit.missed {
            let by = audit.explained.get(reason).cloned().unwrap_or_default();
            let by: Vec<_> = by.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            eprintln!("missed ({reason}) {count}: {}", by.join(", "));
        }
        eprintln!("missed and not explained by a fault: {}", audit.unexplained);
        let began = self.happened.first().map_or(0, |fault| fault.from as i64);
        for (slot, missed) in &audit.timeline {
            eprintln!("  {:5} s after the first fault: {missed:?}", slot - began);
        }
        for crash in &self.crashes {
            eprintln!("{} ended by itself at {:.1}", crash.name, crash.at);
        }
        for (why, count) in &self.waited.let_go {
            eprintln!("the lane was let go {count} times: {why}");
        }
        for odd in self.odd().iter().take(10) {
            eprintln!("an edit was answered oddly: {odd}");
        }
        for sample in &audit.samples {
            eprintln!("wrong: slot|monitor|region|expected|stored = {sample}");
        }
        eprintln!("alerts: {}", self.alerts.json(self.repeats));
        for sample in &self.alerts.samples {
            eprintln!("wrong: {sample}");
        }
        eprintln!("shown up and not looked at: {} s; {}", self.unchecked.seconds, self.unchecked.json());
        if args.json {
            println!("{}", self.json(args));
        }
    }

    /// Whether no audit found anything wrong.
    pub(super) fn is_right(&self) -> bool {
        let slots = self.audit.totals.lost + self.audit.totals.doubled == 0;
        slots && self.waited.closed_after.is_some() && self.alerts.is_right() && self.unchecked.seconds == 0
    }

    fn odd(&self) -> Vec<String> {
        self.edits.odd.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn json(&self, args: &Args) -> Value {
        let audit = &self.audit;
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let faults: Vec<Value> = self.happened.iter().map(fault_json).collect();
        let kinds = self.happened.iter().fold(BTreeMap::<_, usize>::new(), |mut kinds, fault| {
            *kinds.entry(fault.kind.as_str()).or_default() += 1;
            kinds
        });
        let kills = self.happened.iter().filter(|fault| fault.kind.kills()).count();
        let alerts = &self.alerts;
        let crashes: Vec<Value> =
            self.crashes.iter().map(|crash| json!({"name": crash.name, "at": crash.at, "log": crash.log})).collect();
        json!({
            "seed": args.seed, "minutes": args.minutes, "monitors": args.monitors, "interval": args.interval,
            "expected": audit.totals.expected, "stored": audit.totals.stored, "lost": audit.totals.lost,
            "doubled": audit.totals.doubled, "alerts": alerts.json(self.repeats), "alerts_false": alerts.wrong,
            "alerts_missed": alerts.missed, "alerts_doubled": alerts.doubled, "kills": kills,
            "verdicts": audit.verdicts, "missed": audit.missed, "explained": audit.explained,
            "unchecked_shown_up_seconds": self.unchecked.seconds, "unchecked": self.unchecked.json(),
            "unexplained": audit.unexplained, "crashes": crashes,
            "edits": {"done": count(&self.edits.done), "refused": count(&self.edits.refused),
                      "beaten": count(&self.edits.beaten), "odd": self.odd().len()},
            "created_per_second": self.created_per_second.round(),
            "closed_after_seconds": self.waited.closed_after.map(|after| after.as_secs()), "let_go": self.waited.let_go, "late_seconds": BEFORE,
            "fault_kinds": kinds, "faults": faults,
        })
    }
}

fn fault_json(fault: &Happened) -> Value {
    json!({
        "kind": fault.kind.as_str(), "target": fault.kind.target(),
        "at": (fault.from * 10.0).round() / 10.0, "seconds": ((fault.to - fault.from) * 10.0).round() / 10.0,
    })
}
