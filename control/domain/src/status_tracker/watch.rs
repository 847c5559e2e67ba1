//! One monitor: what is stored of it, what regions say of it, and when it has to be looked at again.

use crate::{status::Status, verdict::RegionState};

/// How much later than an interval after the last look the next may be heard until that is written down.
const TOLERANCE_MS: i64 = 500;

#[derive(Debug, Default)]
pub(super) struct Watch {
    /// As stored; absent until it was read.
    pub(super) stored: Option<(Status, i64)>,
    pub(super) region_states: Vec<RegionState>,
    /// Whether a look at its silence is planned.
    pub(super) planned: bool,
    /// When it was last looked at, unix seconds, as stored: once that is more than an interval ago.
    pub(super) looked_at: Option<i64>,
}

impl Watch {
    pub(super) fn is_paused(&self) -> bool {
        matches!(self.stored, Some((Status::Paused, _)))
    }

    pub(super) fn forget_region_states(&mut self) {
        self.region_states.clear();
        self.looked_at = None;
    }

    /// From when on its last look is more than an interval ago: Redis milliseconds.
    pub(super) fn overdue_from_ms(&self, interval: i32) -> Option<i64> {
        Some(self.looked_ms()? + i64::from(interval) * 1_000 + TOLERANCE_MS)
    }

    fn looked_ms(&self) -> Option<i64> {
        self.region_states.iter().filter_map(RegionState::looked_ms).max()
    }

    /// Takes note of a last look that is overdue at `now_ms`, or is not any more. Tells whether that is news.
    pub(super) fn note_overdue(&mut self, now_ms: i64, interval: i32) -> bool {
        let is_overdue = self.overdue_from_ms(interval).is_some_and(|from| from <= now_ms);
        let looked_at = self.looked_ms().filter(|_| is_overdue).map(|ms| ms.div_euclid(1_000));
        looked_at != std::mem::replace(&mut self.looked_at, looked_at)
    }

    /// When to look at it again.
    pub(super) fn next_ms(&self, now_ms: i64, interval: i32) -> Option<i64> {
        let silences = self.region_states.iter().map(|region_state| region_state.silent_from_ms(interval));
        silences.chain(self.overdue_from_ms(interval)).filter(|next| *next > now_ms).min()
    }
}
