//! Which rechecks to ask for, and when: at once after a first failure, and again every so often where the monitor's rules
//! say so. A round has a number, the attempt its outcomes carry; regions that answer the same failure share one round.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    num::NonZeroU16,
};

use crate::{
    keys::{MonitorKey, RegionKey},
    time::{Millis, Seconds, Slot},
    verdict::{Evidence, RegionState, Vote},
};

/// The last number of a round; what lies above is a check on request.
const LAST: i16 = 254;

/// A round of rechecks to put on the streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Of which monitor.
    pub monitor: MonitorKey,
    /// The slot it is about.
    pub slot: i64,
    /// Its number.
    pub attempt: u8,
    /// Regions that need not look again: they find it down, and are believed.
    pub but: Vec<RegionKey>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    due_ms: i64,
    /// What made it necessary.
    slot: i64,
    attempt: i16,
    /// Whether it comes on top of the one after a first failure.
    again: bool,
}

/// Rounds planned and asked for.
#[derive(Debug, Default)]
pub(super) struct Rechecks {
    plans: HashMap<MonitorKey, Plan>,
    due: BinaryHeap<Reverse<(i64, MonitorKey)>>,
    /// The last rounds asked for, each of a slot, the latest at the end.
    asked: HashMap<MonitorKey, Vec<(i64, i16)>>,
}

/// Slots with rounds that are remembered for a monitor: answers to older ones say nothing any more.
const REMEMBERED: usize = 8;

impl Rechecks {
    /// Plans the round after a first failure.
    pub(super) fn plan(&mut self, monitor: MonitorKey, said: &Evidence, now_ms: i64) {
        if self.last(monitor).is_some_and(|(slot, round)| slot == said.slot && round > said.attempt) {
            return;
        }
        self.insert(monitor, Plan { due_ms: now_ms, slot: said.slot, attempt: said.attempt, again: false });
    }

    /// Plans a further round.
    pub(super) fn plan_again(&mut self, monitor: MonitorKey, said: &Evidence, due_ms: i64) {
        if !self.plans.contains_key(&monitor) {
            self.insert(monitor, Plan { due_ms, slot: said.slot, attempt: said.attempt, again: true });
        }
    }

    fn insert(&mut self, monitor: MonitorKey, plan: Plan) {
        self.plans.insert(monitor, plan);
        self.due.push(Reverse((plan.due_ms, monitor)));
    }

    /// Whether this round of a slot was asked for, or a later one.
    pub(super) fn is_asked(&self, monitor: MonitorKey, slot: i64, round: i16) -> bool {
        self.asked.get(&monitor).is_some_and(|asked| asked.iter().any(|last| last.0 == slot && round <= last.1))
    }

    /// The latest slot with a round, and its last round.
    fn last(&self, monitor: MonitorKey) -> Option<(i64, i16)> {
        self.asked.get(&monitor)?.last().copied()
    }

    fn note(&mut self, monitor: MonitorKey, slot: i64, round: i16) {
        let asked = self.asked.entry(monitor).or_default();
        asked.retain(|last| last.0 != slot);
        asked.push((slot, round));
        if asked.len() > REMEMBERED {
            asked.remove(0);
        }
    }

    /// Forgets what was planned for a monitor.
    pub(super) fn forget(&mut self, monitor: MonitorKey) {
        self.plans.remove(&monitor);
        self.asked.remove(&monitor);
    }

    /// The rounds that are due. `late_after` its second, a slot is nearly closed: then the round is about this one instead.
    pub(super) fn due<'a>(
        &mut self,
        now: Millis,
        late_after: Seconds,
        region_states: impl Fn(MonitorKey) -> &'a [RegionState],
        every: impl Fn(MonitorKey) -> Option<NonZeroU16>,
    ) -> Vec<Ask> {
        let mut asks = Vec::new();
        while let Some(Reverse((due_ms, monitor))) = self.due.peek().copied().filter(|next| next.0.0 <= now.0) {
            self.due.pop();
            // An entry that was planned anew meanwhile has another one further back.
            let Some(plan) = self.plans.get(&monitor).copied().filter(|plan| plan.due_ms == due_ms) else { continue };
            self.plans.remove(&monitor);
            let region_states = region_states(monitor);
            let in_doubt = region_states.iter().any(|region_state| region_state.run > 0);
            let is_down = |region_state: &RegionState| region_state.settled == Some(Vote::Down);
            if !in_doubt && (plan.again || !region_states.iter().any(is_down)) {
                continue;
            }
            let (slot, attempt) = self.number(monitor, plan, now.slot(), late_after);
            if slot > now.slot() {
                // This second has a round already.
                self.insert(monitor, Plan { due_ms: slot.start().0, ..plan });
                continue;
            }
            let slot = slot.0;
            self.note(monitor, slot, attempt);
            let down = region_states.iter().filter(|region_state| is_down(region_state) && region_state.run == 0);
            let but = down.map(|region_state| region_state.latest.region).collect();
            asks.push(Ask { monitor, slot, attempt: u8::try_from(attempt).unwrap_or(u8::MAX - 1), but });
            if let (true, Some(every)) = (in_doubt, every(monitor)) {
                let due_ms = (now + Seconds(every.get().into())).0;
                self.insert(monitor, Plan { due_ms, again: true, ..plan });
            }
        }
        asks
    }

    fn number(&self, monitor: MonitorKey, plan: Plan, now: Slot, late_after: Seconds) -> (Slot, i16) {
        let latest = self.last(monitor).filter(|(slot, _)| *slot >= plan.slot).unwrap_or((plan.slot, 0));
        let (slot, attempt) = latest.max((plan.slot, plan.attempt));
        let slot = Slot(slot);
        if attempt >= LAST || now - slot >= late_after {
            return (now.max(slot.next()), 1);
        }
        (slot, attempt + 1)
    }
}
