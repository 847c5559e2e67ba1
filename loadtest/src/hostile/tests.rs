use std::collections::{BTreeMap, HashSet};

use super::*;

fn seen() -> Seen {
    Seen {
        now_ms: 1_800_000_000_000,
        region: "hostile".to_owned(),
        here: vec![1, 2, 3],
        elsewhere: vec![7 << 100],
        others: vec!["eu-west".to_owned(), "us-east".to_owned()],
    }
}

fn commands(seed: u64, count: usize) -> Vec<Command> {
    let (mut generator, seen) = (Generator::new(seed, &[]), seen());
    (0..count).map(|_| generator.next(&seen)).collect()
}

/// What remains of commands that may be of many megabytes.
fn marks(commands: &[Command]) -> Vec<(Kind, usize, Vec<u8>)> {
    let mark = |command: &Command| {
        let last = command.args.last().map_or(&[][..], Vec::as_slice);
        (command.kind, command.args.len(), last[..last.len().min(64)].to_vec())
    };
    commands.iter().map(mark).collect()
}

#[test]
fn the_seed_is_the_attack() {
    assert_eq!(marks(&commands(1, 3_000)), marks(&commands(1, 3_000)));
    assert_ne!(marks(&commands(1, 3_000)), marks(&commands(2, 3_000)));
}

#[test]
fn every_kind_comes_within_two_rounds_of_any_seed_and_stays_within_bounds() {
    let phases = [Phase::Positions, Phase::Silence];
    for seed in 0..4 {
        let (mut generator, seen) = (Generator::new(seed, &[]), seen());
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut note = |command: &Command| {
            *counts.entry(command.kind).or_default() += 1;
            let bytes: usize = command.args.iter().map(Vec::len).sum();
            assert!(bytes <= COMMAND_MAX, "{:?} of {bytes} bytes", command.kind);
            assert!(command.args.len() <= 20_010, "{:?}", command.kind);
        };
        for phase in phases {
            generator.turn_to(phase);
            (0..50).for_each(|_| note(&generator.next(&seen)));
        }
        generator.turn_to(Phase::Writes);
        let (mut ids, mut rounds) = (HashSet::new(), 0);
        while ids.len() < 2 {
            let command = generator.next(&seen);
            note(&command);
            if matches!(command.kind, Kind::IdsAhead | Kind::LastId) && generator.running.is_none() {
                ids.insert(command.kind);
                rounds += 1;
            }
            assert!(rounds < 20, "one of the two ends every round");
        }
        let missing: Vec<_> = Kind::ALL.into_iter().filter(|kind| !counts.contains_key(kind)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
    }
}

#[test]
fn only_what_is_asked_for_is_made() {
    let (only, seen) = ([Kind::Lies, Kind::LastId], seen());
    let mut generator = Generator::new(1, &only);
    let made: HashSet<_> = (0..500).map(|_| generator.next(&seen).kind).collect();
    assert_eq!(made, HashSet::from(only));
    assert_eq!("last_id".parse(), Ok(Kind::LastId));
    assert!("lasts".parse::<Kind>().is_err_and(|why| why.contains("last_id")));
}

#[test]
fn kinds_have_words_of_their_own() {
    let words: HashSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), Kind::ALL.len());
}

#[test]
fn what_is_plausible_decodes_and_what_is_empty_does_not_weigh_more() {
    let mut rng = StdRng::seed_from_u64(1);
    for kind in [Kind::Lies, Kind::ForeignMonitors, Kind::Certificates] {
        let batch = outcomes::batch(&mut rng, &seen(), kind);
        let fields = [("v", b"1".to_vec()), ("o", batch)].map(|(name, value)| (name.to_owned(), value));
        let read = wire::Payload::from_fields(&fields.into_iter().collect()).unwrap();
        let wire::Payload::Outcomes(batch) = read else { panic!("{read:?}") };
        assert!(!batch.outcomes.is_empty() && batch.skipped == 0, "{kind:?}");
    }
    let empty = framing::entry(&mut rng, &seen(), Kind::EmptyOutcomes);
    assert_eq!(empty.last().map(Vec::len), Some(8_000_000));
}

#[test]
fn slots_reach_from_the_first_to_the_last() {
    let mut rng = StdRng::seed_from_u64(3);
    let now = 1_800_000_000;
    let slots: Vec<_> = (0..2_000).map(|_| outcomes::slot(&mut rng, now)).collect();
    for there in [i64::MIN, i64::MAX] {
        assert!(slots.contains(&there), "{there}");
    }
    for range in [now - 86_400 * 3_660..now - 86_400, now + 86_400..now + 86_400 * 3_660, -i64::MAX..0] {
        assert!(slots.iter().any(|slot| range.contains(slot)), "{range:?}");
    }
}
