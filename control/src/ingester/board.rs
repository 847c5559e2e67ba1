//! The statuses of a lane's monitors with the evidence behind them, in memory. Pure: what was heard and what time it
//! is come in, the statuses that changed come out.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use crate::{
    keys::MonitorKey,
    ledger::Ledger,
    status::{Evidence, Status, observe, status_of},
    store::statuses::StatusRow,
};

#[derive(Debug, Default)]
struct Watch {
    /// As stored; absent until it was read.
    stored: Option<(Status, i64)>,
    latest: Vec<Evidence>,
    /// Whether a look at its silence is planned.
    planned: bool,
}

impl Watch {
    fn is_paused(&self) -> bool {
        matches!(self.stored, Some((Status::Paused, _)))
    }
}

/// All of a lane's monitors.
#[derive(Debug, Default)]
pub(super) struct Board {
    watches: HashMap<MonitorKey, Watch>,
    /// When to look whether a monitor's regions went silent: Redis milliseconds.
    plans: BinaryHeap<Reverse<(i64, MonitorKey)>>,
    touched: HashSet<MonitorKey>,
}

impl Board {
    /// Takes in a status as it is stored now. What was heard before a pause says nothing of the time after it.
    pub(super) fn stored(&mut self, row: StatusRow) {
        let watch = self.watches.entry(row.monitor).or_default();
        watch.stored = Some((row.status, row.version));
        if watch.is_paused() {
            watch.latest.clear();
        }
        self.touched.insert(row.monitor);
    }

    /// Takes in what a region said.
    pub(super) fn hear(&mut self, monitor: MonitorKey, evidence: Evidence, ledger: &Ledger) {
        let watch = self.watches.entry(monitor).or_default();
        if watch.is_paused() || !observe(&mut watch.latest, evidence) {
            return;
        }
        self.touched.insert(monitor);
        if let (false, Some(interval)) = (watch.planned, ledger.interval_at(monitor, evidence.heard_ms / 1000)) {
            watch.planned = true;
            self.plans.push(Reverse((evidence.silent_from_ms(interval), monitor)));
        }
    }

    /// Looks at every monitor one of whose regions may have gone silent by now.
    pub(super) fn tick(&mut self, now_ms: i64, ledger: &Ledger) {
        while let Some(Reverse((due, monitor))) = self.plans.peek().copied() {
            if due > now_ms {
                return;
            }
            self.plans.pop();
            self.touched.insert(monitor);
            let (Some(watch), Some(interval)) =
                (self.watches.get_mut(&monitor), ledger.interval_at(monitor, now_ms / 1000))
            else {
                continue;
            };
            let silences = watch.latest.iter().map(|each| each.silent_from_ms(interval));
            let next = silences.filter(|silent| *silent > now_ms).min();
            watch.planned = next.is_some();
            self.plans.extend(next.map(|next| Reverse((next, monitor))));
        }
    }

    /// The statuses that are not as stored, of the monitors touched since the last call. A monitor that is paused or
    /// not scheduled is left alone: its status is a person's doing, and its last slot may be later than that.
    pub(super) fn changes(&mut self, now_ms: i64, ledger: &Ledger) -> Vec<StatusRow> {
        let touched: Vec<_> = self.touched.drain().collect();
        let change = |monitor: MonitorKey| {
            let watch = self.watches.get(&monitor).filter(|watch| !watch.is_paused())?;
            let interval = ledger.interval_at(monitor, now_ms / 1000)?;
            let (stored, version) = watch.stored?;
            let status = status_of(&watch.latest, now_ms, interval);
            let holds = status == stored || status == Status::Pending;
            (!holds).then_some(StatusRow { monitor, status, version })
        };
        touched.into_iter().filter_map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use wire::Verdict;

    use super::*;
    use crate::{keys::RegionKey, ledger::Cadence};

    const KEY: MonitorKey = MonitorKey(1);

    fn ledger(to_slot: i64) -> Ledger {
        let mut ledger = Ledger::default();
        let cadence = Cadence { monitor: KEY, interval: 10, phase: 0, regions: None, from_slot: 0, to_slot };
        ledger.refresh(1000, vec![cadence]);
        ledger
    }

    fn said(region: i16, slot: i64, verdict: Verdict) -> Evidence {
        Evidence { region: RegionKey(region), slot, attempt: 0, verdict, heard_ms: slot * 1000 }
    }

    fn board() -> Board {
        let mut board = Board::default();
        board.stored(StatusRow { monitor: KEY, status: Status::Pending, version: 1 });
        board
    }

    fn becomes(board: &mut Board, now: i64, ledger: &Ledger) -> Option<Status> {
        board.tick(now * 1000, ledger);
        let change = board.changes(now * 1000, ledger).pop()?;
        board.stored(StatusRow { version: change.version + 1, ..change });
        Some(change.status)
    }

    #[test]
    fn a_status_changes_once_and_silence_ends_it() {
        let (ledger, mut board) = (ledger(i64::MAX), board());
        assert_eq!(becomes(&mut board, 100, &ledger), None);
        board.hear(KEY, said(1, 100, Verdict::Up), &ledger);
        assert_eq!(becomes(&mut board, 101, &ledger), Some(Status::Up));
        board.hear(KEY, said(1, 110, Verdict::Up), &ledger);
        assert_eq!(becomes(&mut board, 111, &ledger), None);
        assert_eq!(becomes(&mut board, 129, &ledger), None);
        assert_eq!(becomes(&mut board, 130, &ledger), Some(Status::Unknown));
        assert_eq!(becomes(&mut board, 500, &ledger), None);
    }

    #[test]
    fn one_silent_region_leaves_the_other_to_decide() {
        let (ledger, mut board) = (ledger(i64::MAX), board());
        board.hear(KEY, said(1, 100, Verdict::Down), &ledger);
        board.hear(KEY, said(2, 110, Verdict::Up), &ledger);
        assert_eq!(becomes(&mut board, 111, &ledger), Some(Status::Down));
        assert_eq!(becomes(&mut board, 121, &ledger), Some(Status::Up));
        assert_eq!(becomes(&mut board, 131, &ledger), Some(Status::Unknown));
    }

    #[test]
    fn what_is_not_scheduled_is_left_alone() {
        let (ledger, mut board) = (ledger(90), board());
        board.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 2 });
        board.hear(KEY, said(1, 90, Verdict::Down), &ledger);
        assert_eq!(becomes(&mut board, 1001, &ledger), None);
    }

    #[test]
    fn a_pause_holds_while_its_last_slots_are_answered_and_a_resume_begins_anew() {
        let (ledger, mut board) = (ledger(i64::MAX), board());
        board.hear(KEY, said(1, 100, Verdict::Up), &ledger);
        assert_eq!(becomes(&mut board, 101, &ledger), Some(Status::Up));
        board.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 3 });
        board.hear(KEY, said(1, 110, Verdict::Down), &ledger);
        assert_eq!(becomes(&mut board, 111, &ledger), None);
        board.stored(StatusRow { monitor: KEY, status: Status::Pending, version: 4 });
        assert_eq!(becomes(&mut board, 500, &ledger), None, "pending, not unknown, until somebody looks");
        board.hear(KEY, said(1, 500, Verdict::Up), &ledger);
        assert_eq!(becomes(&mut board, 501, &ledger), Some(Status::Up));
    }
}
