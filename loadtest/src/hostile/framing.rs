//! Entries that are odd before anybody asks what they say.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};

use super::{Kind, Seen, outcomes, protobuf::Message, random};

/// Outcomes of two bytes that fit 8 MB.
const EMPTY: usize = 4_000_000;
/// Entries of powers of two, from 1 to 64 MiB.
const HUGE: std::ops::RangeInclusive<u32> = 20..=26;
/// Fields of an entry.
const FIELDS_MAX: usize = 10_000;
/// How deep messages are put into messages.
const DEPTH_MAX: usize = 5_000;

fn fields(rng: &mut StdRng, kind: Kind) -> Vec<(Vec<u8>, Vec<u8>)> {
    let one =
        |version: &[u8], name: &[u8], value: Vec<u8>| vec![(b"v".to_vec(), version.to_vec()), (name.to_vec(), value)];
    let field: &[u8] = if rng.random_bool(0.7) { b"o" } else { b"f" };
    match kind {
        Kind::EmptyOutcomes => one(b"1", b"o", [0x12, 0].repeat(EMPTY)),
        Kind::HugeEntries => one(b"1", field, huge(rng)),
        Kind::OddFraming => one(b"1", field, oddly_framed(rng)),
        Kind::Versions => {
            let versions: [&[u8]; 7] = [b"", b"0", b"2", b"01", b"1\0", b"\xff\xff", b"99999999999999999999"];
            let mut version = versions.choose(rng).map_or(Vec::new(), |version| version.to_vec());
            if rng.random_bool(0.2) {
                version = random::text(rng, 100_000);
            }
            one(&version, field, Vec::new())
        }
        Kind::ManyFields => many_fields(rng),
        _ => {
            let long = random::length(rng, 65_536);
            one(b"1", field, random::bytes(rng, long))
        }
    }
}

/// An entry of `kind`.
pub(super) fn entry(rng: &mut StdRng, seen: &Seen, kind: Kind) -> Vec<Vec<u8>> {
    let fields = if kind == Kind::Truncated {
        let mut batch = outcomes::batch(rng, seen, Kind::Lies);
        batch.truncate(rng.random_range(0..batch.len()));
        vec![(b"v".to_vec(), b"1".to_vec()), (b"o".to_vec(), batch)]
    } else {
        fields(rng, kind)
    };
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
    super::entry(seen, "*", &fields)
}

/// Up to 64 MiB that is one text, many empty texts, or nothing at all.
fn huge(rng: &mut StdRng) -> Vec<u8> {
    let size = 1 << rng.random_range(HUGE);
    match rng.random_range(0..4) {
        0 => Message::default().bytes(1, &vec![b'a'; size]).0.clone(),
        1 => [0x0a, 0].repeat(size / 2),
        // A tag nobody reads, so that it decodes to nothing.
        2 => Message::default().bytes(500, &vec![0; size]).0.clone(),
        _ => vec![0xff; size],
    }
}

fn oddly_framed(rng: &mut StdRng) -> Vec<u8> {
    let mut message = Message::default();
    match rng.random_range(0..6) {
        // Messages in messages, or groups, which nobody writes any more.
        0 => {
            for _ in 0..rng.random_range(1..DEPTH_MAX) {
                let inner = std::mem::take(&mut message);
                message.bytes(2, &inner.0[..inner.0.len().min(60_000)]);
            }
        }
        1 => message.0 = [0x13].repeat(rng.random_range(1..DEPTH_MAX)),
        // A length that lies.
        2 => drop(message.tag(2, 2).varint(*[1 << 20, 1 << 31, 1 << 63, u64::MAX].choose(rng).unwrap_or(&1))),
        // A number that does not end.
        3 => message.0 = [0xff].repeat(rng.random_range(1..64)),
        // Wire types that do not exist, tags that may not be.
        4 => drop(message.tag(rng.random_range(0..20), rng.random_range(6..8)).varint(1)),
        _ => {
            for _ in 0..rng.random_range(1..FIELDS_MAX) {
                message.number(rng.random_range(0..1 << 29), rng.random());
            }
        }
    }
    message.0
}

fn many_fields(rng: &mut StdRng) -> Vec<(Vec<u8>, Vec<u8>)> {
    let count = random::length(rng, FIELDS_MAX).max(2);
    let mut fields = vec![(b"v".to_vec(), b"1".to_vec())];
    let sort = rng.random_range(0..3);
    for n in 0..count {
        let name = match sort {
            0 => n.to_string().into_bytes(),
            1 => [b"v".to_vec(), b"o".to_vec(), b"f".to_vec()][n % 3].clone(),
            _ => random::text(rng, 50),
        };
        fields.push((name, random::text(rng, 20)));
    }
    fields
}
