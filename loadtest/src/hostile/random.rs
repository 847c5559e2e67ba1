//! Numbers and texts that are likely to hurt.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};

/// Numbers at the edges of what numbers can be.
pub(super) const EDGES: [i64; 16] = [
    i64::MIN,
    i64::MIN + 1,
    -9_007_199_254_740_993,
    i32::MIN as i64 - 1,
    -62_135_596_801,
    -1,
    0,
    1,
    32_768,
    65_536,
    i32::MAX as i64 + 1,
    u32::MAX as i64 + 1,
    253_402_300_800,
    8_210_266_876_800,
    i64::MAX - 1,
    i64::MAX,
];

/// One of [`EDGES`], or any number.
pub(super) fn number(rng: &mut StdRng) -> i64 {
    let any = rng.random();
    EDGES.choose(rng).copied().filter(|_| rng.random_bool(0.8)).unwrap_or(any)
}

/// `length` bytes without meaning.
pub(super) fn bytes(rng: &mut StdRng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill(bytes.as_mut_slice());
    bytes
}

/// A length of up to `most`, the small ones as likely as the large ones.
pub(super) fn length(rng: &mut StdRng, most: usize) -> usize {
    let shift = rng.random_range(0..12);
    rng.random_range(0..=most >> shift)
}

/// A text of some odd sort, as bytes: not all of it is UTF-8.
pub(super) fn text(rng: &mut StdRng, most: usize) -> Vec<u8> {
    let long = length(rng, most);
    match rng.random_range(0..9) {
        0 => vec![b'a'; long],
        1 => (0..long).map(|_| rng.random_range(b'!'..=b'~')).collect(),
        2 => (0..long / 4).map(|_| letter(rng)).collect::<String>().into_bytes(),
        3 => (0..long.min(200)).map(|_| rng.random_range(0..32)).collect(),
        4 => b"w\0\0\0".repeat(long / 4),
        5 => "\u{202e}\u{2066}gnp\u{200b}\u{feff}".repeat(long / 20 + 1).into_bytes(),
        6 => b"</script><script>'; drop table results; --\\\"{{}}%n%s".to_vec(),
        7 => bytes(rng, long),
        _ => Vec::new(),
    }
}

fn letter(rng: &mut StdRng) -> char {
    char::from_u32(rng.random_range(0x20..0x11_0000)).unwrap_or('\u{fffd}')
}
