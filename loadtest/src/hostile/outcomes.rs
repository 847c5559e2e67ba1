//! Answers of checks that never were.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};

use super::{
    Kind, Seen,
    protobuf::Message,
    random::{self, number},
};

/// Outcomes of a batch, at most; a probe sends up to 512.
const BATCH_MAX: usize = 512;
/// The longest detail, bytes.
const DETAIL_MAX: usize = 100_000;
/// Verdicts by their place.
const UP: u64 = 1;
const DOWN: u64 = 3;
const MISSED: u64 = 4;
/// The place of `status`, and of the reasons that control gives: `no_probe`, late, scheduler, backpressure.
const STATUS: u64 = 14;
const CONTROLS: std::ops::RangeInclusive<u64> = 24..=27;
/// Seconds of a year.
const YEAR: i64 = 31_557_600;

/// A batch of one worker.
pub(super) fn batch(rng: &mut StdRng, seen: &Seen, kind: Kind) -> Vec<u8> {
    let mut batch = Message::default();
    batch.bytes(1, b"honest");
    let heavy = matches!(kind, Kind::Details | Kind::OddEvidence);
    let count = match kind {
        Kind::Flood => 1,
        _ => random::length(rng, if heavy { 16 } else { BATCH_MAX }).max(1),
    };
    for _ in 0..count {
        batch.bytes(2, &outcome(rng, seen, kind));
    }
    batch.0
}

/// What an outcome says at least.
struct Said {
    monitor: u128,
    slot: i64,
    attempt: u64,
    verdict: u64,
    reason: u64,
    started: i64,
}

impl Said {
    fn message(&self) -> Message {
        let mut message = Message::default();
        message.fixed64(1, (self.monitor >> 64) as u64).fixed64(2, self.monitor as u64);
        message.number(3, self.slot as u64).number(4, self.attempt);
        message.number(5, self.verdict).number(6, self.reason).signed(7, self.started);
        message
    }
}

/// An outcome of `kind`.
pub(super) fn outcome(rng: &mut StdRng, seen: &Seen, kind: Kind) -> Vec<u8> {
    let mut said = plausible(rng, seen);
    match kind {
        Kind::UnknownMonitors => said.monitor = rng.random(),
        Kind::ForeignMonitors => said.monitor = seen.elsewhere.choose(rng).copied().unwrap_or_default(),
        Kind::OddSlots => said.slot = slot(rng, seen.now_ms / 1000),
        Kind::OddAttempts => {
            let beyond = [256, 257, 65_535, u64::from(u32::MAX), u64::MAX];
            let within = rng.random_range(0..=255);
            said.attempt = beyond.choose(rng).copied().filter(|_| rng.random_bool(0.1)).unwrap_or(within);
        }
        Kind::OddWords => (said.verdict, said.reason) = (rng.random_range(0..7), rng.random_range(0..40)),
        Kind::ControlsReasons => (said.verdict, said.reason) = (MISSED, rng.random_range(CONTROLS)),
        _ => {}
    }
    let mut message = said.message();
    match kind {
        Kind::Certificates => {
            let soon = seen.now_ms / 1000 + rng.random_range(0..2 * 86_400);
            let end = if rng.random_bool(0.5) { soon } else { number(rng) };
            message.number(16, end as u64);
        }
        Kind::OddNumbers => odd_numbers(rng, &mut message),
        Kind::Details => drop(message.bytes(17, &random::text(rng, DETAIL_MAX))),
        Kind::OddEvidence => drop(message.bytes(19, &evidence(rng))),
        _ => {}
    }
    message.0
}

/// Down, of a monitor that names the region, at a slot of the last minutes.
fn plausible(rng: &mut StdRng, seen: &Seen) -> Said {
    let now = seen.now_ms / 1000;
    let verdict = if rng.random_bool(0.9) { DOWN } else { UP };
    Said {
        monitor: seen.here.choose(rng).copied().unwrap_or_default(),
        slot: now - rng.random_range(0..120),
        attempt: *[0, 1, 2, 255].choose(rng).unwrap_or(&0),
        verdict,
        reason: if verdict == DOWN { STATUS } else { 0 },
        started: rng.random_range(0..2_000),
    }
}

/// A slot that nobody asked for.
pub(super) fn slot(rng: &mut StdRng, now: i64) -> i64 {
    match rng.random_range(0..6) {
        0 => now - rng.random_range(0..10 * YEAR),
        1 => now + rng.random_range(1..10 * YEAR),
        2 => now + rng.random_range(1..120),
        3 => -rng.random_range(1..10 * YEAR),
        // Times a thousand it is no number any more.
        4 => i64::MAX / 1000 + rng.random_range(-2..3),
        _ => number(rng),
    }
}

fn odd_numbers(rng: &mut StdRng, message: &mut Message) {
    message.signed(7, number(rng));
    for phase in 8..=12 {
        message.number(phase, number(rng) as u64);
    }
    let statuses = [0, 1, 99, 1_000, 32_768, 65_535, 65_536, u64::from(u32::MAX)];
    message.number(13, *statuses.choose(rng).unwrap_or(&0));
    if rng.random_bool(0.5) {
        message.fixed32(14, rng.random());
    } else {
        let length = random::length(rng, 64);
        message.bytes(15, &random::bytes(rng, length));
    }
    message.number(18, number(rng) as u64);
}

fn evidence(rng: &mut StdRng) -> Vec<u8> {
    let mut certificate = Message::default();
    certificate.bytes(1, &random::text(rng, 20_000)).bytes(2, &random::text(rng, 20_000));
    certificate.number(3, number(rng) as u64).number(4, number(rng) as u64);
    for _ in 0..random::length(rng, 2_000) {
        certificate.bytes(5, &random::text(rng, 40));
    }
    let mut evidence = Message::default();
    evidence.bytes(1, &random::text(rng, 100_000)).bytes(2, &random::text(rng, 100_000));
    evidence.bytes(3, &random::text(rng, 400_000)).number(4, number(rng) as u64).bytes(5, &certificate.0);
    evidence.0
}
