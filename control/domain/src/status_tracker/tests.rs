use std::num::NonZeroU16;

use wire::{Reason, Verdict};

use super::*;
use crate::{schedule::Cadence, verdict::Confirm};

const KEY: MonitorKey = MonitorKey(1);

fn ledger(to_slot: i64) -> Ledger {
    let mut ledger = Ledger::default();
    let cadence = Cadence { monitor: KEY, interval: 10, phase: 0, regions: None, from_slot: 0, to_slot };
    ledger.refresh(1000, vec![cadence]);
    ledger
}

fn said(region: i16, slot: i64, attempt: i16, verdict: Verdict) -> Evidence {
    let reason = (verdict == Verdict::Down).then_some(Reason::Connect);
    let heard_ms = slot * 1000 + i64::from(attempt % 100);
    Evidence { region: RegionKey(region), slot, attempt, verdict, reason, suspect: None, heard_ms }
}

fn tracker() -> StatusTracker {
    let mut tracker = StatusTracker::default();
    tracker.stored(StatusRow { monitor: KEY, status: Status::Pending, version: 1 });
    tracker
}

fn becomes(tracker: &mut StatusTracker, now: i64, ledger: &Ledger) -> Option<Status> {
    tracker.tick(now * 1000, ledger);
    let change = tracker.changes(now * 1000, ledger, &[]).pop()?;
    tracker.stored(StatusRow { version: change.row.version + 1, ..change.row });
    Some(change.row.status)
}

fn asks(tracker: &mut StatusTracker, now_ms: i64) -> Vec<(i64, u8)> {
    tracker.asks(Millis(now_ms), Seconds(60)).into_iter().map(|ask| (ask.slot, ask.attempt)).collect()
}

#[test]
fn a_status_changes_once_and_silence_ends_it() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    assert_eq!(becomes(&mut tracker, 100, &ledger), None);
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 101, &ledger), Some(Status::Up));
    tracker.hear(KEY, said(1, 110, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 111, &ledger), None);
    assert_eq!(becomes(&mut tracker, 129, &ledger), None);
    assert_eq!(becomes(&mut tracker, 130, &ledger), Some(Status::Unknown));
    assert_eq!(becomes(&mut tracker, 500, &ledger), None);
}

/// What is written of the one monitor's last look: its second, `none`, or nothing where that is as written before.
fn written_look(tracker: &mut StatusTracker, now: i64, ledger: &Ledger) -> String {
    tracker.tick(now * 1000, ledger);
    let look = |kept: &Kept<'_>| kept.looked_at.map_or("none".to_owned(), |second| second.to_string());
    tracker.unsaved().first().map(look).unwrap_or_default()
}

#[test]
fn a_look_that_is_overdue_is_written_down_until_somebody_looks() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    for slot in [100, 110] {
        tracker.hear(KEY, said(1, slot, 0, Verdict::Up), &ledger);
        assert_eq!(written_look(&mut tracker, slot + 10, &ledger), "", "half a second late is on time");
    }
    assert_eq!(written_look(&mut tracker, 121, &ledger), "110");
    assert_eq!(written_look(&mut tracker, 125, &ledger), "", "once");
    tracker.hear(KEY, said(2, 120, 0, Verdict::Missed), &ledger);
    assert_eq!(written_look(&mut tracker, 125, &ledger), "", "nobody looked");
    tracker.hear(KEY, said(2, 125, 0, Verdict::Up), &ledger);
    assert_eq!(written_look(&mut tracker, 125, &ledger), "none");
    assert_eq!(written_look(&mut tracker, 136, &ledger), "125");
    tracker.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 9 });
    assert_eq!(written_look(&mut tracker, 140, &ledger), "none", "what was seen before a pause says nothing after it");
}

#[test]
fn a_longer_interval_takes_back_that_a_look_is_overdue() {
    let (every_ten, mut tracker) = (ledger(i64::MAX), tracker());
    let mut every_sixty = Ledger::default();
    let cadence = Cadence { monitor: KEY, interval: 60, phase: 0, regions: None, from_slot: 0, to_slot: i64::MAX };
    every_sixty.refresh(1000, vec![cadence]);
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &every_ten);
    assert_eq!(written_look(&mut tracker, 111, &every_ten), "100");
    assert_eq!(written_look(&mut tracker, 121, &every_sixty), "none");
}

#[test]
fn silence_after_a_pause_is_silence() {
    let (live, paused, mut tracker) = (ledger(i64::MAX), ledger(105), tracker());
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &live);
    assert_eq!(becomes(&mut tracker, 101, &live), Some(Status::Up));
    tracker.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 3 });
    assert_eq!(becomes(&mut tracker, 2000, &paused), None);
    tracker.stored(StatusRow { monitor: KEY, status: Status::Pending, version: 4 });
    tracker.hear(KEY, said(1, 2010, 0, Verdict::Up), &live);
    assert_eq!(becomes(&mut tracker, 2011, &live), Some(Status::Up));
    assert_eq!(becomes(&mut tracker, 2030, &live), Some(Status::Unknown));
}

#[test]
fn who_takes_a_lane_over_calls_nothing_up_that_nobody_looked_at() {
    for (stored, becomes_now) in [
        (Status::Up, Some(Status::Unknown)),
        (Status::Down, Some(Status::Unknown)),
        (Status::Pending, None),
        (Status::Paused, None),
        (Status::Unknown, None),
    ] {
        let (ledger, mut tracker) = (ledger(i64::MAX), StatusTracker::default());
        tracker.stored(StatusRow { monitor: KEY, status: stored, version: 1 });
        assert_eq!(becomes(&mut tracker, 500, &ledger), becomes_now, "{stored}");
    }
}

#[test]
fn monitors_are_counted_by_status_until_they_are_deleted() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    let counted = |tracker: &StatusTracker| tracker.counts().all().filter(|(_, count)| *count != 0).collect::<Vec<_>>();
    tracker.stored(StatusRow { monitor: MonitorKey(2), status: Status::Pending, version: 1 });
    assert_eq!(counted(&tracker), [(Status::Pending, 2)]);
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 101, &ledger), Some(Status::Up));
    assert_eq!(counted(&tracker), [(Status::Up, 1), (Status::Pending, 1)]);
    tracker.forget(KEY);
    tracker.forget(KEY);
    assert_eq!(counted(&tracker), [(Status::Pending, 1)]);
    tracker.hear(KEY, said(1, 110, 0, Verdict::Down), &ledger);
    assert_eq!(becomes(&mut tracker, 111, &ledger), None, "its last slots change nothing");
    assert_eq!(counted(&tracker), [(Status::Pending, 1)]);
}

#[test]
fn one_silent_region_leaves_the_other_to_decide() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    for attempt in [0, 1] {
        tracker.hear(KEY, said(1, 100, attempt, Verdict::Down), &ledger);
    }
    tracker.hear(KEY, said(2, 110, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 111, &ledger), Some(Status::Regional));
    assert_eq!(becomes(&mut tracker, 121, &ledger), Some(Status::Up));
    assert_eq!(becomes(&mut tracker, 131, &ledger), Some(Status::Unknown));
}

#[test]
fn a_region_whose_workers_are_gone_has_no_vote_from_that_moment() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 101, &ledger), Some(Status::Up));
    tracker.gone(HashSet::from([RegionKey(1)]));
    assert_eq!(becomes(&mut tracker, 102, &ledger), Some(Status::Unknown));
    tracker.gone(HashSet::new());
    assert_eq!(becomes(&mut tracker, 103, &ledger), Some(Status::Up));
}

#[test]
fn what_is_not_scheduled_is_left_alone() {
    let (ledger, mut tracker) = (ledger(90), tracker());
    tracker.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 2 });
    tracker.hear(KEY, said(1, 90, 0, Verdict::Down), &ledger);
    assert_eq!(becomes(&mut tracker, 1001, &ledger), None);
}

#[test]
fn a_pause_holds_while_its_last_slots_are_answered_and_a_resume_begins_anew() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.hear(KEY, said(1, 100, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 101, &ledger), Some(Status::Up));
    tracker.stored(StatusRow { monitor: KEY, status: Status::Paused, version: 3 });
    tracker.hear(KEY, said(1, 110, 0, Verdict::Down), &ledger);
    assert_eq!(becomes(&mut tracker, 111, &ledger), None);
    assert_eq!(asks(&mut tracker, 111_000), []);
    tracker.stored(StatusRow { monitor: KEY, status: Status::Pending, version: 4 });
    assert_eq!(becomes(&mut tracker, 500, &ledger), None, "pending, not unknown, until somebody looks");
    tracker.hear(KEY, said(1, 500, 0, Verdict::Up), &ledger);
    assert_eq!(becomes(&mut tracker, 501, &ledger), Some(Status::Up));
}

#[test]
fn regions_that_fail_together_share_one_round_of_rechecks() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.hear(KEY, said(1, 100, 0, Verdict::Down), &ledger);
    tracker.hear(KEY, said(2, 100, 0, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 100_100), [(100, 1)]);
    tracker.hear(KEY, said(3, 100, 0, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 100_200), []);
    tracker.hear(KEY, said(1, 100, 1, Verdict::Down), &ledger);
    tracker.hear(KEY, said(2, 100, 1, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 100_300), []);
    assert_eq!(becomes(&mut tracker, 101, &ledger), Some(Status::Down));
    let mut believed = tracker.believed(std::iter::empty());
    believed.sort_unstable();
    assert_eq!(believed, [(KEY, RegionKey(1)), (KEY, RegionKey(2))]);
}

#[test]
fn a_check_on_request_is_rechecked_in_the_next_second() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.hear(KEY, said(1, 103, 255, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 103_200), []);
    assert_eq!(asks(&mut tracker, 104_000), [(104, 1)]);
}

#[test]
fn a_recheck_of_a_slot_that_is_nearly_closed_is_about_this_second() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.hear(KEY, Evidence { heard_ms: 170_000, ..said(1, 100, 0, Verdict::Down) }, &ledger);
    assert_eq!(asks(&mut tracker, 170_000), [(170, 1)]);
}

#[test]
fn a_doubt_is_followed_as_often_as_the_rules_say_and_no_longer() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    let confirm = Confirm { failures: 5, recoveries: 1, recheck_every: NonZeroU16::new(2) };
    tracker.set_rules(KEY, Rules { confirm, ..Rules::default() });
    tracker.hear(KEY, said(1, 100, 0, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 100_000), [(100, 1)]);
    tracker.hear(KEY, said(1, 100, 1, Verdict::Down), &ledger);
    assert_eq!(asks(&mut tracker, 101_900), []);
    assert_eq!(asks(&mut tracker, 102_100), [(100, 2)]);
    tracker.hear(KEY, said(1, 100, 2, Verdict::Up), &ledger);
    assert_eq!(asks(&mut tracker, 109_000), []);
}

#[test]
fn a_doubt_survives_a_change_of_owner() {
    let (ledger, mut tracker) = (ledger(i64::MAX), tracker());
    tracker.restore(
        KEY,
        RegionState::restored(said(1, 100, 0, Verdict::Down), Some((Some(Vote::Up), 1))),
        103_000,
        &ledger,
    );
    assert_eq!(asks(&mut tracker, 103_000), [(100, 1)]);
    tracker.hear(KEY, said(1, 100, 1, Verdict::Down), &ledger);
    assert_eq!(becomes(&mut tracker, 104, &ledger), Some(Status::Down));
}

/// A tracker of which `attempts` of regions 1, 2, … were heard, one letter every 10 s from second 100 on, each change written.
fn heard(attempts: &[&str], ledger: &Ledger) -> (StatusTracker, Vec<Status>) {
    let (mut tracker, mut statuses) = (tracker(), Vec::new());
    for n in 0..attempts.iter().map(|letters| letters.len()).max().unwrap_or(0) {
        let slot = 100 + n as i64 * 10;
        for (region, letters) in (1..).zip(attempts) {
            let verdict = match letters.as_bytes().get(n) {
                Some(b'+') => Verdict::Up,
                Some(b'-') => Verdict::Down,
                Some(b'm') => Verdict::Missed,
                _ => continue,
            };
            tracker.hear(KEY, said(region, slot, 0, verdict), ledger);
            statuses.extend(becomes(&mut tracker, slot, ledger));
            let last = statuses.last();
            if last == Some(&Status::Up) {
                tracker.reassess(KEY, slot * 1000, ledger);
            }
        }
    }
    (tracker, statuses)
}

#[test]
fn what_others_overruled_is_not_brought_up_again() {
    let ledger = ledger(i64::MAX);
    let (_, statuses) = heard(&["+--++++", "+--m+++"], &ledger);
    assert_eq!(statuses, [Status::Up, Status::Regional, Status::Down, Status::Up]);
}

#[test]
fn one_missed_slot_makes_no_page_of_a_regional_trouble() {
    let ledger = ledger(i64::MAX);
    let (_, statuses) = heard(&["+------", "+++m+m+"], &ledger);
    assert_eq!(statuses, [Status::Up, Status::Regional]);
}

#[test]
fn who_doubts_it_is_up_ends_no_incident() {
    let ledger = ledger(i64::MAX);
    let (_, statuses) = heard(&["+--   ", "++++--"], &ledger);
    assert_eq!(statuses, [Status::Up, Status::Regional, Status::Down]);
}

#[test]
fn nothing_gets_worse_while_every_latest_look_is_fine() {
    let ledger = ledger(i64::MAX);
    let (_, statuses) = heard(&["+--+   ", "+++++  "], &ledger);
    assert_eq!(statuses, [Status::Up, Status::Regional]);
}
