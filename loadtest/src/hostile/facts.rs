//! What workers say of themselves, by somebody who is none.

use rand::{RngExt, rngs::StdRng};

use super::{Kind, protobuf::Message, random};

/// The longest name, bytes.
const NAME_MAX: usize = 200_000;

pub(super) fn facts(rng: &mut StdRng, kind: Kind) -> Vec<u8> {
    let mut message = Message::default();
    match kind {
        Kind::OddNames => {
            message.bytes(1, &random::text(rng, NAME_MAX)).bytes(2, &random::text(rng, NAME_MAX)).number(4, 512);
        }
        Kind::ManyNames => {
            let name = format!("worker-{:016x}", rng.random::<u64>());
            message.bytes(1, name.as_bytes()).bytes(2, b"0.1.0").number(3, 1).number(4, 512);
        }
        Kind::ExtremeFacts => {
            message.bytes(1, b"extreme").bytes(2, b"9.9.9");
            for tag in [3, 4, 5, 7] {
                message.number(tag, random::number(rng) as u64);
            }
            message.signed(6, random::number(rng));
        }
        _ => {
            message.bytes(1, b"honest").bytes(2, b"0.1.0").number(3, rng.random_range(0..8)).number(4, 512);
            message.number(5, 3).signed(6, 0);
        }
    }
    message.0
}
