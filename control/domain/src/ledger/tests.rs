use wire::{MonitorId, Reason};

use super::*;

const ID: Uuid = Uuid::from_u128(7);
const KEY: MonitorKey = MonitorKey(1);

fn cadence(from_slot: i64, to_slot: i64, interval: i32, phase: i32) -> Cadence {
    Cadence { monitor: KEY, interval, phase, regions: None, from_slot, to_slot }
}

fn region() -> RegionRow {
    let region = "eu-west".parse().unwrap();
    RegionRow { key: RegionKey(1), region, from_slot: 100, to_slot: i64::MAX, isolated: false, odd: None }
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::new(100);
    ledger.know(Known { id: ID, key: KEY, rev: 0, regions: None });
    ledger.refresh(200, vec![cadence(50, i64::MAX, 10, 3)]);
    ledger
}

/// A recheck of slot 104 was asked for, twice; it is second 205.
fn accept(ledger: &Ledger, outcome: Outcome) -> Result<Accepted, Dropped> {
    let is_asked = |_, slot, attempt| slot == 104 && attempt <= 2;
    ledger.accept(&region(), outcome, 0, ReadAt { now_ms: 205_000, heard_ms: 205_000 }, is_asked)
}

/// What becomes of an outcome of a slot and attempt that is reported at second 205.
fn sorts(ledger: &Ledger, slot: i64, attempt: u8) -> Result<(), Dropped> {
    accept(ledger, Outcome::missed(MonitorId(ID), slot, attempt, Reason::Late, slot.saturating_mul(1000))).map(|_| ())
}

#[test]
fn the_window_and_the_cadence_decide() {
    let ledger = ledger();
    for (slot, attempt, becomes) in [
        (103, 0, Ok(())),
        (193, 0, Ok(())),
        (93, 0, Err(Dropped::TooLate)),
        (93, 255, Err(Dropped::TooLate)),
        (203, 0, Err(Dropped::Unexpected)),
        (104, 0, Err(Dropped::Unexpected)),
        (104, 255, Ok(())),
        (104, 1, Ok(())),
        (104, 2, Ok(())),
        (104, 3, Err(Dropped::Unexpected)),
        (105, 1, Err(Dropped::Unexpected)),
        (205, 255, Ok(())),
        (206, 255, Err(Dropped::Unexpected)),
        (i64::MAX, 0, Err(Dropped::Unexpected)),
        (i64::MIN, 0, Err(Dropped::TooLate)),
    ] {
        assert_eq!(sorts(&ledger, slot, attempt), becomes, "slot {slot} attempt {attempt}");
    }
}

#[test]
fn an_edit_ends_one_period_and_opens_another() {
    let mut ledger = ledger();
    let changed = ledger.refresh(250, vec![cadence(50, 220, 10, 3), cadence(221, i64::MAX, 5, 1)]);
    assert_eq!(changed, HashSet::from([KEY]));
    assert_eq!(sorts(&ledger, 213, 0), Ok(()));
    assert_eq!(sorts(&ledger, 223, 0), Err(Dropped::Unexpected));
    assert_eq!(sorts(&ledger, 231, 0), Ok(()));
    assert!((ledger.rate(3) - 0.6).abs() < 1e-9, "{}", ledger.rate(3));
    assert_eq!(ledger.interval_at(KEY, 230), Some(5));
}

#[test]
fn a_row_beyond_the_frontier_that_was_replaced_is_forgotten() {
    let mut ledger = ledger();
    ledger.refresh(210, vec![cadence(50, 220, 10, 3), cadence(221, i64::MAX, 5, 1)]);
    // Edited again before the frontier came to 221: paused. The row from 221 is gone from the database.
    ledger.refresh(300, vec![cadence(50, 220, 10, 3)]);
    assert_eq!(sorts(&ledger, 226, 0), Err(Dropped::Unexpected));
    assert_eq!(ledger.interval_at(KEY, 300), None);
}

#[test]
fn what_begins_before_the_frontier_is_not_read_again() {
    let mut ledger = ledger();
    assert_eq!(ledger.refresh(210, vec![]), HashSet::new());
    ledger.refresh(220, vec![cadence(50, 220, 10, 3), cadence(221, i64::MAX, 5, 1)]);
    assert_eq!(ledger.refresh(230, vec![cadence(221, i64::MAX, 5, 1)]), HashSet::from([KEY]));
    assert_eq!(ledger.refresh(240, vec![]), HashSet::new());
    assert_eq!(sorts(&ledger, 231, 0), Ok(()));
}

#[test]
fn a_monitor_that_was_created_and_taken_back_in_one_second_leaves_nothing() {
    let mut ledger = Ledger::new(100);
    ledger.know(Known { id: ID, key: KEY, rev: 0, regions: None });
    ledger.refresh(200, vec![cadence(201, i64::MAX, 10, 3)]);
    assert_eq!(ledger.interval_at(KEY, 205), Some(10));
    assert_eq!(ledger.refresh(210, vec![]), HashSet::from([KEY]));
    assert_eq!(ledger.interval_at(KEY, 215), None);
}

#[test]
fn chosen_regions_and_unknown_monitors() {
    let mut ledger = ledger();
    ledger.refresh(200, vec![Cadence { regions: Some(vec![2]), ..cadence(50, i64::MAX, 10, 3) }]);
    assert_eq!(sorts(&ledger, 103, 0), Err(Dropped::Unexpected));
    let stranger = Outcome::missed(MonitorId(Uuid::nil()), 103, 255, Reason::Late, 0);
    assert_eq!(accept(&ledger, stranger), Err(Dropped::Unexpected));
}

#[test]
fn a_region_that_a_monitor_did_not_choose_is_not_heard_on_it() {
    let mut ledger = ledger();
    assert!(!ledger.know(Known { id: ID, key: KEY, rev: 0, regions: Some(vec![2]) }));
    assert_eq!(
        (sorts(&ledger, 104, 1), sorts(&ledger, 104, 255)),
        (Err(Dropped::Unexpected), Err(Dropped::Unexpected))
    );
    ledger.know(Known { id: ID, key: KEY, rev: 0, regions: Some(vec![2, 1]) });
    assert_eq!((sorts(&ledger, 104, 1), sorts(&ledger, 104, 255)), (Ok(()), Ok(())));
}

#[test]
fn no_check_began_long_before_its_slot_or_after_now() {
    for (started_ms, becomes) in [
        (i64::MIN, Err(Dropped::Unexpected)),
        (42_999, Err(Dropped::Unexpected)),
        (43_000, Ok(())),
        (265_000, Ok(())),
        (265_001, Err(Dropped::Unexpected)),
        (i64::MAX, Err(Dropped::Unexpected)),
    ] {
        let outcome = Outcome::missed(MonitorId(ID), 103, 0, Reason::Late, started_ms);
        assert_eq!(accept(&ledger(), outcome).map(|_| ()), becomes, "{started_ms}");
    }
}

#[test]
fn checks_of_different_targets_in_one_second_are_different_rows() {
    let mut ledger = ledger();
    assert!(ledger.know(Known { id: ID, key: KEY, rev: REVISIONS + 2, regions: None }));
    let rows = [None, Some(0), Some(1), Some(2), Some(REVISIONS + 2)].map(|rev| {
        let outcome = Outcome { rev, ..Outcome::missed(MonitorId(ID), 104, 255, Reason::Late, 104_000) };
        let accepted = accept(&ledger, outcome).unwrap();
        (accepted.row_attempt(), ledger.is_of_target(&accepted))
    });
    assert_eq!(rows, [(255, true), (255, false), (256, false), (257, false), (257, true)]);
    let later = Outcome { rev: Some(REVISIONS + 3), ..Outcome::missed(MonitorId(ID), 104, 255, Reason::Late, 104_000) };
    assert_eq!(accept(&ledger, later), Err(Dropped::Unexpected), "nobody asked about that one yet");
    let scheduled = Outcome { rev: Some(1), ..Outcome::missed(MonitorId(ID), 103, 0, Reason::Late, 103_000) };
    assert_eq!(accept(&ledger, scheduled).map(|accepted| accepted.row_attempt()), Ok(0));
}

#[test]
fn what_is_about_a_later_target_than_is_known_is_looked_up() {
    let mut ledger = ledger();
    ledger.know(Known { id: ID, key: KEY, rev: 2, regions: None });
    let of = |id, rev| Outcome { rev, ..Outcome::missed(MonitorId(id), 103, 0, Reason::Late, 103_000) };
    assert!(ledger.is_new(&of(Uuid::nil(), None)) && ledger.is_new(&of(ID, Some(3))));
    assert!(!ledger.is_new(&of(ID, None)) && !ledger.is_new(&of(ID, Some(2))) && !ledger.is_new(&of(ID, Some(1))));
}
