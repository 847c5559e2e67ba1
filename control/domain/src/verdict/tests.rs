use std::{collections::HashSet, num::NonZeroU16};

use proptest::prelude::*;
use serde_json::json;
use wire::{Diagnosis, Reason, Verdict};

use super::*;
use crate::{keys::RegionKey, status::Status};

const INTERVAL: i32 = 10;

/// One letter an attempt: `+` up, `~` degraded, `-` down, `?` down but suspect, `m` missed.
fn evidence(region: i16, slot: i64, letter: char) -> Evidence {
    let (verdict, reason) = match letter {
        '+' => (Verdict::Up, None),
        '~' => (Verdict::Degraded, Some(Reason::Latency)),
        'm' => (Verdict::Missed, Some(Reason::NoProbe)),
        _ => (Verdict::Down, Some(Reason::Connect)),
    };
    let suspect = (letter == '?').then_some(Diagnosis::Network);
    let heard_ms = slot * 1000;
    Evidence { region: RegionKey(region), slot, attempt: 0, verdict, reason, suspect, heard_ms }
}

/// A region that made these attempts, one every interval; a space is an interval of silence.
fn region_state(region: i16, letters: &str, confirm: Confirm) -> Option<RegionState> {
    let mut region_state: Option<RegionState> = None;
    for (n, letter) in letters.chars().enumerate().filter(|(_, letter)| *letter != ' ') {
        let said = evidence(region, 1_000 + n as i64 * 10, letter);
        match &mut region_state {
            Some(region_state) => drop(region_state.hear(said, INTERVAL, confirm)),
            None => region_state = Some(RegionState::new(said, confirm).0),
        }
    }
    region_state
}

/// The status when each region made these attempts, a second after the last of the longest.
fn becomes(regions: &[&str], rules: Rules) -> Status {
    let region_states: Vec<_> =
        regions.iter().enumerate().filter_map(|(n, letters)| region_state(n as i16, letters, rules.confirm)).collect();
    let longest = regions.iter().map(|letters| letters.len() as i64).max().unwrap_or(1);
    let now_ms = (1_000 + (longest - 1) * 10 + 1) * 1000;
    let absent = HashSet::new();
    judge(&region_states, &Terms { rules, interval: INTERVAL, chosen: None, absent: &absent, now_ms })
}

fn quorum(quorum: Quorum) -> Rules {
    Rules { quorum, ..Rules::default() }
}

#[test]
fn a_region_is_believed_after_so_many_attempts_in_a_row() {
    for (attempts, status) in [
        ("+", Status::Up),
        ("~", Status::Degraded),
        ("+-", Status::Up),
        ("~-", Status::Degraded),
        ("+--", Status::Down),
        ("+-+-", Status::Up),
        ("+-m-", Status::Down),
        ("+--+", Status::Down),
        ("+--++", Status::Up),
        ("+--+~", Status::Degraded),
        ("+--+-+", Status::Down),
        ("-", Status::Pending),
        ("--", Status::Down),
        ("-+", Status::Up),
    ] {
        assert_eq!(becomes(&[attempts], Rules::default()), status, "{attempts}");
    }
    let once = Rules { confirm: Confirm { failures: 1, recoveries: 1, recheck_every: None }, ..Rules::default() };
    assert_eq!(becomes(&["+-"], once), Status::Down);
    assert_eq!(becomes(&["+-+"], once), Status::Up);
}

#[test]
fn suspect_and_missed_attempts_are_no_votes_and_change_no_mind() {
    for (attempts, status) in [
        ("+?", Status::Unknown),
        ("+??", Status::Unknown),
        ("+?+", Status::Up),
        ("+-?-", Status::Down),
        ("+m", Status::Unknown),
        ("mm", Status::Unknown),
    ] {
        assert_eq!(becomes(&[attempts], Rules::default()), status, "{attempts}");
    }
}

#[test]
fn silence_is_never_up() {
    for (attempts, status) in [
        (&["+  "][..], Status::Unknown),
        (&["+   -"], Status::Pending),
        (&["+--   -"], Status::Down),
        (&["+++", "+  "], Status::Up),
        (&["+++", "---"], Status::Regional),
        (&["+  ", "---"], Status::Down),
        (&["+--", "+m "], Status::Regional),
        (&["+---", "+m  "], Status::Down),
        (&["+--", "++m"], Status::Regional),
        (&["+--", "++?"], Status::Regional),
    ] {
        assert_eq!(becomes(attempts, Rules::default()), status, "{attempts:?}");
    }
}

#[test]
fn a_quorum_is_taken_from_the_regions_that_can_vote() {
    let two = Quorum::Count(NonZeroU16::new(2).unwrap());
    for (votes, majority, any, all, count) in [
        (&["++", "++", "++"][..], Status::Up, Status::Up, Status::Up, Status::Up),
        (&["--", "++", "++"], Status::Regional, Status::Down, Status::Regional, Status::Regional),
        (&["--", "--", "++"], Status::Down, Status::Down, Status::Regional, Status::Down),
        (&["--", "--", "--"], Status::Down, Status::Down, Status::Down, Status::Down),
        (&["--", "++", "mm"], Status::Regional, Status::Down, Status::Regional, Status::Regional),
        (&["--", "mm", "mm"], Status::Down, Status::Down, Status::Down, Status::Down),
        (&["~~", "++", "++"], Status::Up, Status::Degraded, Status::Up, Status::Up),
        (&["~~", "~~", "++"], Status::Degraded, Status::Degraded, Status::Up, Status::Degraded),
        (&["~~", "--", "++"], Status::Regional, Status::Down, Status::Regional, Status::Regional),
        (&["mm", "mm", "mm"], Status::Unknown, Status::Unknown, Status::Unknown, Status::Unknown),
    ] {
        for (rule, status) in [(Quorum::Majority, majority), (Quorum::Any, any), (Quorum::All, all), (two, count)] {
            assert_eq!(becomes(votes, quorum(rule)), status, "{votes:?} {rule:?}");
        }
    }
}

#[test]
fn gone_and_unchosen_regions_have_no_vote() {
    let confirm = Confirm::default();
    let region_states = [region_state(0, "--", confirm).unwrap(), region_state(1, "++", confirm).unwrap()];
    let (nobody, second) = (HashSet::new(), HashSet::from([RegionKey(1)]));
    let terms =
        |absent, chosen| Terms { rules: Rules::default(), interval: INTERVAL, chosen, absent, now_ms: 1_011_000 };
    assert_eq!(judge(&region_states, &terms(&nobody, None)), Status::Regional);
    assert_eq!(judge(&region_states, &terms(&second, None)), Status::Down);
    assert_eq!(judge(&region_states, &terms(&nobody, Some(&[1]))), Status::Up);
}

#[test]
fn the_first_failure_asks_for_a_recheck_and_no_other_does() {
    let confirm = Confirm { failures: 3, ..Confirm::default() };
    let (mut region_state, first) = RegionState::new(evidence(0, 1_000, '+'), confirm);
    assert_eq!(first, Heard::Turned);
    let mut hears = |slot, letter| region_state.hear(evidence(0, slot, letter), INTERVAL, confirm);
    assert_eq!(hears(1_010, '-'), Some(Heard::Doubt));
    assert_eq!(hears(1_020, '-'), Some(Heard::Wavers));
    assert_eq!(hears(1_020, '-'), None);
    assert_eq!(hears(1_030, '-'), Some(Heard::Turned));
    assert_eq!(hears(1_040, '-'), Some(Heard::Same));
    assert_eq!(hears(1_050, '+'), Some(Heard::Wavers));
    assert_eq!(hears(1_060, '+'), Some(Heard::Turned));
    assert_eq!(hears(1_000, '-'), None);
}

#[test]
fn an_explanation_says_who_voted_what_and_why() {
    let confirm = Confirm::default();
    let region_states = [
        region_state(0, "+--", confirm).unwrap(),
        region_state(1, "+++", confirm).unwrap(),
        region_state(2, "+?", confirm).unwrap(),
    ];
    let names = ["eu-west", "us-east", "ap-south", "sa-east"].map(|name| name.parse().unwrap());
    let regions: Vec<_> = names.into_iter().enumerate().map(|(n, name)| (RegionKey(n as i16), name)).collect();
    let absent = HashSet::new();
    let terms = Terms { rules: Rules::default(), interval: INTERVAL, chosen: None, absent: &absent, now_ms: 1_021_000 };
    let explanation = explain(&region_states, &terms, &regions);
    assert_eq!((explanation.status, explanation.needed, explanation.can_vote), (Status::Regional, 2, 2));
    let whys: Vec<_> = explanation.regions.iter().map(|region_vote| region_vote.why.as_str()).collect();
    assert_eq!(
        whys,
        [
            "connect: 2 failures in a row or more",
            "up",
            "connect, but the probe's own network fails",
            "nothing was heard yet"
        ]
    );
    let silences: Vec<_> = explanation.regions.iter().map(|region_vote| region_vote.silence).collect();
    assert_eq!(silences, [None, None, Some(Silence::Suspect(Diagnosis::Network)), Some(Silence::Unheard)]);
    assert_eq!(json!(explanation.regions[2].silence), "suspect");
    assert_eq!(explanation.silent_after, i64::from(2 * INTERVAL));
    assert_eq!(main_reason(&region_states, Status::Regional), Some(Reason::Connect));
}

#[test]
fn rules_read_as_they_are_written() {
    for (text, rules) in [
        ("{}", Rules::default()),
        (r#"{"quorum":"all"}"#, quorum(Quorum::All)),
        (r#"{"quorum":{"count":2}}"#, quorum(Quorum::Count(NonZeroU16::new(2).unwrap()))),
    ] {
        let read: Rules = serde_json::from_str(text).unwrap();
        assert_eq!(read, rules);
        assert_eq!(serde_json::from_str::<Rules>(&serde_json::to_string(&read).unwrap()).unwrap(), rules);
    }
    for text in [r#"{"quorum":"most"}"#, r#"{"quorum":{"count":0}}"#, r#"{"confirm":{"failure":2}}"#] {
        assert!(serde_json::from_str::<Rules>(text).is_err(), "{text}");
    }
}

/// The slow and obvious way: everything ever heard, in the order it was heard, told again from the start.
#[derive(Default)]
struct Reference {
    heard: Vec<Evidence>,
}

impl Reference {
    /// What each region can have said in order: of what was heard, whatever was newer than all before it.
    fn told(&self, region: RegionKey) -> Vec<Evidence> {
        let mut told: Vec<Evidence> = Vec::new();
        for said in self.heard.iter().filter(|said| said.region == region) {
            if told.iter().all(|before| (said.slot, said.attempt) > (before.slot, before.attempt)) {
                told.push(*said);
            }
        }
        told
    }

    /// A vote, or whether the region still counts among those a quorum is taken of.
    fn vote(&self, region: RegionKey, now_ms: i64, confirm: Confirm) -> Option<Result<Vote, bool>> {
        let told = self.told(region);
        let last = told.last()?;
        let silent = |since: i64| now_ms - since >= 2_000 * i64::from(INTERVAL);
        let is_sound = |said: &&Evidence| said.verdict != Verdict::Missed && said.suspect.is_none();
        let sound: Vec<_> = told.iter().filter(is_sound).collect();
        let mut stands: Option<Vote> = None;
        let mut contrary = 0;
        for (n, said) in sound.iter().enumerate() {
            let before = if n == 0 { told[0].heard_ms } else { sound[n - 1].heard_ms };
            if said.heard_ms - before >= 3_000 * i64::from(INTERVAL) && stands != Some(Vote::Down) {
                (stands, contrary) = (None, 0);
            }
            let fails = said.verdict == Verdict::Down;
            let fine = if said.verdict == Verdict::Degraded { Vote::Degraded } else { Vote::Up };
            contrary = if fails == (stands == Some(Vote::Down)) { 0 } else { contrary + 1 };
            match (stands == Some(Vote::Down), fails) {
                (false, false) => stands = Some(fine),
                (false, true) if contrary >= confirm.failures => (stands, contrary) = (Some(Vote::Down), 0),
                (true, false) if contrary >= confirm.recoveries => (stands, contrary) = (Some(fine), 0),
                _ => {}
            }
        }
        if silent(last.heard_ms) {
            return Some(Err(false));
        }
        if !is_sound(&last) {
            let lately = |said: &&Evidence| now_ms - said.heard_ms < 3_000 * i64::from(INTERVAL);
            return Some(Err(stands.is_some_and(|vote| vote != Vote::Down) && sound.last().is_some_and(lately)));
        }
        Some(stands.ok_or(false))
    }

    fn status(&self, now_ms: i64, rules: Rules) -> Option<Status> {
        let votes: Vec<_> = (0..3).filter_map(|key| self.vote(RegionKey(key), now_ms, rules.confirm)).collect();
        let say = |wanted| votes.iter().filter(|vote| **vote == Ok(wanted)).count();
        let (up, degraded, down) = (say(Vote::Up), say(Vote::Degraded), say(Vote::Down));
        let can = up + degraded + down;
        let of = can + votes.iter().filter(|vote| **vote == Err(true)).count();
        let needed = match rules.quorum {
            Quorum::Any => 1,
            Quorum::Majority => of / 2 + 1,
            Quorum::All => of,
            Quorum::Count(n) => of.min(n.get().into()),
        };
        if can == 0 {
            return None;
        }
        Some(if down >= needed {
            Status::Down
        } else if down > 0 {
            Status::Regional
        } else if degraded >= needed {
            Status::Degraded
        } else {
            Status::Up
        })
    }
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let quorums = prop_oneof![
        Just(Quorum::Any),
        Just(Quorum::Majority),
        Just(Quorum::All),
        (1u16..4).prop_map(|n| Quorum::Count(NonZeroU16::new(n).unwrap()))
    ];
    (1u8..4, 1u8..4, quorums).prop_map(|(failures, recoveries, quorum)| Rules {
        confirm: Confirm { failures, recoveries, recheck_every: None },
        quorum,
    })
}

proptest! {
    /// Whatever comes late, twice or out of order: the machine says what the slow reference says.
    #[test]
    fn the_machine_agrees_with_the_obvious_one(
        rules in any_rules(),
        said in prop::collection::vec((0i16..3, 0i64..12, 0i16..3, prop::sample::select(vec!['+', '+', '-', '-', '~', '?', 'm']), 0i64..25), 0..60),
    ) {
        let mut reference = Reference::default();
        let mut region_states: Vec<RegionState> = Vec::new();
        let mut now = 1_000;
        let absent = HashSet::new();
        for (region, slot, attempt, letter, wait) in said {
            now += wait;
            let said = Evidence { attempt, heard_ms: now * 1000, ..evidence(region, 1_000 + slot * 10, letter) };
            reference.heard.push(said);
            match region_states.iter_mut().find(|region_state| region_state.latest.region == said.region) {
                Some(region_state) => drop(region_state.hear(said, INTERVAL, rules.confirm)),
                None => region_states.push(RegionState::new(said, rules.confirm).0),
            }
            let terms = Terms { rules, interval: INTERVAL, chosen: None, absent: &absent, now_ms: now * 1000 };
            let status = judge(&region_states, &terms);
            match reference.status(now * 1000, rules) {
                Some(expected) => prop_assert_eq!(status, expected),
                None => prop_assert!(matches!(status, Status::Unknown | Status::Pending)),
            }
        }
    }
}
