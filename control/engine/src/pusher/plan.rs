//! What a turn of the pusher does, decided from what it has just read. Pure.

use domain::time::{Seconds, Slot};
use wire::{Cursor, Reason};

/// What the pusher sees at the top of a turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// Redis `TIME`.
    pub(super) now: Slot,
    /// The watermark; absent on a new or emptied Redis.
    pub(super) watermark: Option<Cursor>,
    /// Every slot up to here has its row.
    pub(super) closed: Slot,
    /// Up to when all results are stored; absent before the ingester has looked.
    pub(super) heard: Option<Slot>,
    /// L: slots older than this are not pushed.
    pub(super) late_after: Seconds,
    /// Whether the last turns pushed nothing because results piled up.
    pub(super) was_paused: bool,
}

/// Slots that are not pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skip {
    /// First second.
    pub(super) from: Slot,
    /// Last second.
    pub(super) to: Slot,
    /// Why.
    pub(super) reason: Reason,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Note these first; the cursor then jumps over them.
    pub(super) skip: Option<Skip>,
    /// Where to resume.
    pub(super) from: Cursor,
    /// Push slots up to here; nothing where it lies before `from`.
    pub(super) to: Slot,
    /// Results are older than L and unread: push nothing.
    pub(super) paused: bool,
}

/// Decides a turn.
pub(super) fn plan(view: View) -> Plan {
    let oldest = view.now - view.late_after;
    let resume = view.watermark.unwrap_or_else(|| Cursor::start_of(oldest.max(view.closed.next()).0));
    let paused = view.heard.is_some_and(|heard| heard < oldest);
    // A cursor this far behind a pusher that was not paused means that none was at work; that results waited meanwhile
    // as well (PostgreSQL was away) is not why.
    let reason = if view.was_paused { Reason::Backpressure } else { Reason::Scheduler };
    let first = Slot(resume.slot);
    let skip = (first < oldest).then(|| Skip { from: first, to: oldest.before(), reason });
    let from = if skip.is_some() { Cursor::start_of(oldest.0) } else { resume };
    Plan { skip, from, to: if paused { Slot(from.slot).before() } else { view.now }, paused }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View {
        now: Slot(1000),
        watermark: Some(Cursor { slot: 1000, last: 0 }),
        closed: Slot(800),
        heard: None,
        late_after: Seconds(60),
        was_paused: false,
    };

    fn after(cursor: (i64, i64)) -> View {
        View { watermark: Some(Cursor { slot: cursor.0, last: cursor.1 }), ..VIEW }
    }

    #[test]
    fn resumes_at_the_cursor_in_mid_slot() {
        let plan = plan(after((998, 42)));
        assert_eq!(plan, Plan { skip: None, from: Cursor { slot: 998, last: 42 }, to: Slot(1000), paused: false });
    }

    #[test]
    fn a_new_redis_starts_behind_closed_but_not_late() {
        assert_eq!(plan(View { watermark: None, ..VIEW }).from, Cursor::start_of(940));
        assert_eq!(plan(View { watermark: None, closed: Slot(980), ..VIEW }).from, Cursor::start_of(981));
        assert_eq!(plan(View { watermark: None, ..VIEW }).skip, None);
    }

    #[test]
    fn what_is_late_is_skipped_and_noted() {
        let after_an_hour = plan(after((900, 7)));
        assert_eq!(after_an_hour.skip, Some(Skip { from: Slot(900), to: Slot(939), reason: Reason::Scheduler }));
        assert_eq!((after_an_hour.from, after_an_hour.to), (Cursor::start_of(940), Slot(1000)));
        assert_eq!(plan(after((940, 7))).skip, None);
    }

    #[test]
    fn unread_results_pause_it_and_name_the_reason() {
        let piling_up = plan(View { heard: Some(Slot(930)), ..VIEW });
        assert!(piling_up.paused && piling_up.to.0 < piling_up.from.slot);
        assert_eq!(piling_up.skip, None);
        let piled_up = plan(View { heard: Some(Slot(930)), was_paused: true, ..after((900, 0)) });
        assert!(piled_up.paused && piled_up.to.0 < piled_up.from.slot);
        assert_eq!(piled_up.skip.map(|skip| skip.reason), Some(Reason::Backpressure));
        let drained = plan(View { was_paused: true, ..after((900, 0)) });
        assert_eq!((drained.paused, drained.skip.map(|skip| skip.reason)), (false, Some(Reason::Backpressure)));
        assert!(!plan(View { heard: Some(Slot(940)), ..VIEW }).paused);
    }

    #[test]
    fn results_that_waited_while_nobody_pushed_are_not_the_reason() {
        let back = plan(View { heard: Some(Slot(910)), ..after((905, 0)) });
        assert_eq!((back.paused, back.skip.map(|skip| skip.reason)), (true, Some(Reason::Scheduler)));
    }
}
