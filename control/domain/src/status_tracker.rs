//! The statuses of a lane's monitors with the region states behind them, in memory. Pure: what was heard and what time it is
//! come in; statuses that changed, and rechecks to ask for, come out.

mod changes;
mod counts;
mod rechecks;
#[cfg(test)]
mod tests;
mod watch;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use wire::Region;

use crate::{
    incident::Level,
    keys::{MonitorKey, RegionKey},
    ledger::Ledger,
    schedule::{RegionRow, owing},
    status::Status,
    time::{Millis, Seconds},
    verdict::{Evidence, Heard, RegionState, Rules, Terms, Vote, explain, judge, main_reason},
};

pub use changes::{Change, Kept, StatusRow};
pub use counts::Counts;
pub use rechecks::Ask;
use rechecks::Rechecks;
use watch::Watch;

/// Statuses changed in one transaction at most: each may open an incident, and the lease must not lapse meanwhile.
const CHANGES: usize = 1_000;
/// All of a lane's monitors.
#[derive(Debug, Default)]
pub struct StatusTracker {
    watches: HashMap<MonitorKey, Watch>,
    counts: Counts,
    /// Of monitors that do not go by the usual ones.
    rules: HashMap<MonitorKey, Rules>,
    /// When to look whether a monitor's regions went silent: Redis milliseconds.
    plans: BinaryHeap<Reverse<(i64, MonitorKey)>>,
    touched: HashSet<MonitorKey>,
    rechecks: Rechecks,
    /// Monitors whose region states or last look are not as kept.
    unsaved: HashSet<MonitorKey>,
    /// Monitors that a region came to find down.
    believed: HashSet<MonitorKey>,
    /// Regions whose workers are gone.
    absent: HashSet<RegionKey>,
}

impl StatusTracker {
    /// Takes in a status as it is stored now. What was heard before a pause says nothing of the time after it. Tells whether
    /// a person had the monitor begin anew, or stop: what was to be kept of it meanwhile was not, and is kept with this turn.
    pub fn stored(&mut self, row: StatusRow) -> bool {
        let watch = self.watches.entry(row.monitor).or_default();
        let before = watch.stored.replace((row.status, row.version));
        self.counts.change(before.map(|(status, _)| status), Some(row.status));
        if watch.is_paused() {
            watch.forget_region_states();
            self.rechecks.forget(row.monitor);
            self.unsaved.insert(row.monitor);
        }
        let by_person = matches!(row.status, Status::Paused | Status::Pending);
        let anew = by_person && before.is_some_and(|(_, version)| version != row.version);
        if anew {
            self.unsaved.insert(row.monitor);
        }
        self.touched.insert(row.monitor);
        anew
    }

    /// Takes in that a monitor looks at something else now. What was heard of the old target says nothing of the new one.
    pub fn retarget(&mut self, monitor: MonitorKey) {
        if let Some(watch) = self.watches.get_mut(&monitor) {
            watch.forget_region_states();
            self.rechecks.forget(monitor);
            self.unsaved.insert(monitor);
        }
    }

    /// Whether a recheck of a slot was asked for, with this number or a later one.
    pub fn is_asked(&self, monitor: MonitorKey, slot: i64, attempt: u8) -> bool {
        self.rechecks.is_asked(monitor, slot, attempt.into())
    }

    /// How many of `regions` that are there look at a monitor, and the quorum it takes of them.
    pub fn quorum(&self, monitor: MonitorKey, ledger: &Ledger, regions: &[RegionRow], now: i64) -> usize {
        let chosen = ledger.cadence_at(monitor, now).and_then(|cadence| cadence.regions.as_deref());
        let there = owing(regions, chosen, now).filter(|row| !self.absent.contains(&row.key));
        self.rules_of(monitor).quorum.needed(there.count())
    }

    /// Forgets a monitor that was deleted.
    pub fn forget(&mut self, monitor: MonitorKey) {
        let gone = self.watches.remove(&monitor).and_then(|watch| watch.stored);
        self.counts.change(gone.map(|(status, _)| status), None);
        self.rules.remove(&monitor);
        self.rechecks.forget(monitor);
    }

    /// How many monitors have which status, as stored. Those that are paused are known only where they ran before.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes in a monitor's rules.
    pub fn set_rules(&mut self, monitor: MonitorKey, rules: Rules) {
        if rules == Rules::default() {
            self.rules.remove(&monitor);
        } else {
            self.rules.insert(monitor, rules);
        }
        self.touched.insert(monitor);
    }

    /// Takes in what the last owner of the lane wrote of when a monitor was looked at.
    pub fn restore_look(&mut self, monitor: MonitorKey, looked_at: Option<i64>) {
        self.watches.entry(monitor).or_default().looked_at = looked_at;
    }

    /// Takes in a region state as the last owner of the lane left it. A doubt it left is asked about again.
    pub fn restore(&mut self, monitor: MonitorKey, region_state: RegionState, now_ms: i64, ledger: &Ledger) {
        let watch = self.watches.entry(monitor).or_default();
        if watch.is_paused() {
            return;
        }
        match watch.region_states.iter_mut().find(|known| known.latest.region == region_state.latest.region) {
            Some(known) if known.latest.heard_ms < region_state.latest.heard_ms => *known = region_state,
            Some(_) => return,
            None => watch.region_states.push(region_state),
        }
        if region_state.run > 0 && region_state.settled != Some(Vote::Down) {
            self.rechecks.plan(monitor, &region_state.latest, now_ms);
        }
        self.touched.insert(monitor);
        self.plan(monitor, &region_state, ledger);
    }

    /// Takes in what a region said. Tells whether it begins to fail with this.
    pub fn hear(&mut self, monitor: MonitorKey, said: Evidence, ledger: &Ledger) -> bool {
        let rules = self.rules_of(monitor);
        let watch = self.watches.entry(monitor).or_default();
        if watch.is_paused() {
            return false;
        }
        let interval = ledger.interval_at(monitor, said.heard_ms / 1000);
        let known = watch.region_states.iter_mut().find(|region_state| region_state.latest.region == said.region);
        let (region_state, was_plain, heard) = if let Some(region_state) = known {
            let was_plain = region_state.is_plain();
            let Some(heard) = region_state.hear(said, interval.unwrap_or(0), rules.confirm) else { return false };
            (*region_state, was_plain, heard)
        } else {
            let (region_state, heard) = RegionState::new(said, rules.confirm);
            watch.region_states.push(region_state);
            (region_state, true, heard)
        };
        self.touched.insert(monitor);
        let was_overdue = region_state.looked_ms() == Some(said.heard_ms) && watch.looked_at.take().is_some();
        if was_overdue || !(was_plain && region_state.is_plain()) {
            self.unsaved.insert(monitor);
        }
        self.plan(monitor, &region_state, ledger);
        self.follow(monitor, &region_state, heard, rules)
    }

    /// What hearing something entails: rechecks, and evidence for an incident.
    fn follow(&mut self, monitor: MonitorKey, region_state: &RegionState, heard: Heard, rules: Rules) -> bool {
        let is_down = region_state.settled == Some(Vote::Down);
        if heard == Heard::Turned && is_down {
            self.believed.insert(monitor);
        }
        let first = heard == Heard::Doubt || (heard == Heard::Turned && is_down && rules.confirm.failures == 1);
        if first {
            self.rechecks.plan(monitor, &region_state.latest, region_state.latest.heard_ms);
        }
        if let (true, Some(every)) = (region_state.run > 0, rules.confirm.recheck_every) {
            self.rechecks.plan_again(
                monitor,
                &region_state.latest,
                region_state.latest.heard_ms + i64::from(every.get()) * 1000,
            );
        }
        first
    }

    fn plan(&mut self, monitor: MonitorKey, region_state: &RegionState, ledger: &Ledger) {
        let Some(interval) = ledger.interval_at(monitor, region_state.latest.heard_ms / 1000) else { return };
        if let Some(watch) = self.watches.get_mut(&monitor).filter(|watch| !watch.planned) {
            watch.planned = true;
            let next = watch.next_ms(region_state.latest.heard_ms, interval);
            self.plans.push(Reverse((next.unwrap_or(region_state.latest.heard_ms), monitor)));
        }
    }

    /// Takes in which regions' workers are gone.
    pub fn gone(&mut self, absent: HashSet<RegionKey>) {
        if absent == self.absent {
            return;
        }
        let changed: Vec<_> = absent.symmetric_difference(&self.absent).copied().collect();
        let concerns = |watch: &Watch| {
            watch.region_states.iter().any(|region_state| changed.contains(&region_state.latest.region))
        };
        self.touched.extend(self.watches.iter().filter(|(_, watch)| concerns(watch)).map(|(monitor, _)| *monitor));
        self.absent = absent;
    }

    /// Looks at every monitor one of whose regions may have gone silent by now, or that nobody looked at when it was due.
    pub fn tick(&mut self, now_ms: i64, ledger: &Ledger) {
        while let Some(Reverse((due, monitor))) = self.plans.peek().copied() {
            if due > now_ms {
                return;
            }
            self.plans.pop();
            let Some(watch) = self.watches.get_mut(&monitor) else { continue };
            watch.planned = false;
            let Some(interval) = ledger.interval_at(monitor, now_ms / 1000) else { continue };
            if watch.note_overdue(now_ms, interval) {
                self.unsaved.insert(monitor);
            }
            if watch.region_states.iter().any(|region_state| region_state.silent_from_ms(interval) <= now_ms) {
                self.touched.insert(monitor);
            }
            let next = watch.next_ms(now_ms, interval);
            watch.planned = next.is_some();
            self.plans.extend(next.map(|next| Reverse((next, monitor))));
        }
    }

    /// Statuses that are not as stored, of the monitors touched since they were last looked at. A monitor that is paused
    /// or not scheduled is left alone: its status is a person's doing, and its last slot may be later than that.
    pub fn changes(&mut self, now_ms: i64, ledger: &Ledger, regions: &[RegionRow]) -> Vec<Change> {
        let touched: Vec<_> = self.touched.drain().collect();
        let mut changes = Vec::new();
        let mut touched = touched.into_iter();
        for monitor in touched.by_ref() {
            changes.extend(self.change(monitor, now_ms, ledger, regions));
            if changes.len() >= CHANGES {
                break;
            }
        }
        self.touched.extend(touched);
        changes
    }

    fn change(&self, monitor: MonitorKey, now_ms: i64, ledger: &Ledger, regions: &[RegionRow]) -> Option<Change> {
        let watch = self.watches.get(&monitor).filter(|watch| !watch.is_paused())?;
        let (from, version) = watch.stored?;
        let cadence = ledger.cadence_at(monitor, now_ms / 1000)?;
        let (rules, chosen) = (self.rules_of(monitor), cadence.regions.as_deref());
        let terms = Terms { rules, interval: cadence.interval, chosen, absent: &self.absent, now_ms };
        // Who takes a lane over hears nothing of monitors that nobody looked at for two intervals.
        let status = if watch.region_states.is_empty() && from.claims() {
            Status::Unknown
        } else {
            judge(&watch.region_states, &terms)
        };
        if status == from
            || status == Status::Pending
            || is_premature(from, status, watch.region_states.iter().filter(|region_state| terms.hears(region_state)))
        {
            return None;
        }
        let all = owing(regions, None, now_ms / 1000);
        let names: Vec<(RegionKey, Region)> = all.map(|row| (row.key, row.region.clone())).collect();
        let explanation = serde_json::to_value(explain(&watch.region_states, &terms, &names)).unwrap_or_default();
        let row = StatusRow { monitor, status, version };
        let (rev, reason) = (ledger.rev(monitor), main_reason(&watch.region_states, status));
        Some(Change { row, from, rev, reason, explanation })
    }

    /// A monitor is up, or only slow, by the vote of others: regions that found it down and have no vote now must not bring
    /// that up again.
    pub fn reassess(&mut self, monitor: MonitorKey, now_ms: i64, ledger: &Ledger) {
        let interval = ledger.interval_at(monitor, now_ms / 1000).unwrap_or(0);
        let Some(watch) = self.watches.get_mut(&monitor) else { return };
        let absent = &self.absent;
        let has_none = |region_state: &RegionState| {
            absent.contains(&region_state.latest.region) || region_state.vote(now_ms, interval).is_err()
        };
        let stale =
            |region_state: &&mut RegionState| region_state.settled == Some(Vote::Down) && has_none(region_state);
        for region_state in watch.region_states.iter_mut().filter(stale) {
            region_state.reassess();
            self.unsaved.insert(monitor);
        }
    }

    /// Rechecks that are due by now. A slot is late after so many seconds.
    pub fn asks(&mut self, now: Millis, late_after: Seconds) -> Vec<Ask> {
        let (watches, rules) = (&self.watches, &self.rules);
        let region_states = |monitor| watches.get(&monitor).map_or(&[][..], |watch| watch.region_states.as_slice());
        let every = |monitor| rules.get(&monitor).and_then(|rules: &Rules| rules.confirm.recheck_every);
        self.rechecks.due(now, late_after, region_states, every)
    }

    /// What changed since the last call in a way that the next owner must be told of, or who looks at a monitor.
    pub fn unsaved(&mut self) -> Vec<Kept<'_>> {
        let watches = &self.watches;
        let kept = |monitor| {
            let watch: &Watch = watches.get(&monitor)?;
            let (_, version) = watch.stored?;
            Some(Kept { monitor, version, region_states: &watch.region_states, looked_at: watch.looked_at })
        };
        self.unsaved.drain().filter_map(kept).collect()
    }

    /// The regions that find them down, of `changed` monitors and those a region came to find down since the last call.
    pub fn believed(&mut self, changed: impl Iterator<Item = MonitorKey>) -> Vec<(MonitorKey, RegionKey)> {
        self.believed.extend(changed);
        let mut pairs = Vec::new();
        for monitor in self.believed.drain() {
            let region_states = self.watches.get(&monitor).map_or(&[][..], |watch| watch.region_states.as_slice());
            let down = region_states.iter().filter(|region_state| region_state.settled == Some(Vote::Down));
            pairs.extend(down.map(|region_state| (monitor, region_state.latest.region)));
        }
        pairs
    }

    /// How often its status changed, as far as is known here.
    pub fn version(&self, monitor: MonitorKey) -> Option<i64> {
        self.watches.get(&monitor)?.stored.map(|(_, version)| version)
    }

    /// Whether a person stopped it, as far as is known here.
    pub fn is_paused(&self, monitor: MonitorKey) -> bool {
        self.watches.get(&monitor).is_some_and(Watch::is_paused)
    }

    /// As stored.
    pub fn status(&self, monitor: MonitorKey) -> Option<Status> {
        self.watches.get(&monitor)?.stored.map(|(status, _)| status)
    }

    fn rules_of(&self, monitor: MonitorKey) -> Rules {
        self.rules.get(&monitor).copied().unwrap_or_default()
    }
}

/// Whether a change follows from who can vote rather than from what anybody saw: nobody's word that it is up ends an
/// incident while they doubt it themselves, and it gets no worse while nobody's latest look failed.
fn is_premature<'a>(from: Status, to: Status, mut region_states: impl Iterator<Item = &'a RegionState>) -> bool {
    match to {
        Status::Up => Level::of(from).is_some() && region_states.any(RegionState::is_in_doubt),
        Status::Regional | Status::Down => {
            let fails = |region_state: &RegionState| region_state.settled == Some(Vote::Down) && region_state.run == 0;
            Level::of(to) > Level::of(from) && !region_states.any(fails)
        }
        _ => false,
    }
}
