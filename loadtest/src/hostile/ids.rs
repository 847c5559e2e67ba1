//! Entries whose ids claim another time than now.

use rand::{RngExt, rngs::StdRng};

use super::{Kind, Seen, entry, facts, outcomes};

const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 31_557_600_000;

/// A minute to ten years ahead, and at times so far that no calendar reaches.
pub(super) fn ahead(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    let id = match rng.random_range(0..4) {
        0 => seen.now_ms + rng.random_range(2 * MINUTE_MS..60 * MINUTE_MS),
        1 => seen.now_ms + rng.random_range(YEAR_MS..10 * YEAR_MS),
        2 => 9_000_000_000_000_000_000,
        _ => seen.now_ms + rng.random_range(6_000..MINUTE_MS),
    };
    let id = format!("{id}-{}", rng.random_range(0..3));
    under(rng, seen, &id)
}

/// From the first id there can be to a minute ago. Redis takes it from an empty stream only.
pub(super) fn behind(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    let id = match rng.random_range(0..3) {
        0 => "0-1".to_owned(),
        1 => format!("{}-1", rng.random_range(1..seen.now_ms.max(2))),
        _ => format!("{}-1", seen.now_ms - MINUTE_MS),
    };
    under(rng, seen, &id)
}

/// After this the stream takes nothing any more.
pub(super) fn last(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    under(rng, seen, "18446744073709551615-18446744073709551615")
}

/// Attempts of slots as far away as the id pretends to be, lies, or facts.
fn under(rng: &mut StdRng, seen: &Seen, id: &str) -> Vec<Vec<u8>> {
    let said = id.split('-').next().and_then(|ms| ms.parse().ok()).unwrap_or(seen.now_ms);
    let there = Seen { now_ms: said, ..seen.clone() };
    match rng.random_range(0..3) {
        0 => entry(seen, id, &[(b"v", b"1"), (b"f", &facts::facts(rng, Kind::HonestFacts))]),
        1 => entry(seen, id, &[(b"v", b"1"), (b"o", &outcomes::batch(rng, &there, Kind::OddAttempts))]),
        _ => entry(seen, id, &[(b"v", b"1"), (b"o", &outcomes::batch(rng, seen, Kind::Lies))]),
    }
}
