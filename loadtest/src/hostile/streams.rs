//! What can be done to streams, groups and consumers, and what must not be possible.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};

use super::{K, Seen, random, words};

/// The last id there can be.
const LAST: &str = "18446744073709551615-18446744073709551615";
/// Groups made in a run, at most; afterwards they are there already.
const GROUPS_MAX: usize = 5_000;

/// A group more, on one of the two streams its user may touch.
pub(super) fn group(rng: &mut StdRng, seen: &Seen, made: usize) -> Vec<Vec<u8>> {
    let own = format!("{{{K}}}:{}", seen.region);
    let stream = if rng.random_bool(0.8) { K } else { &own };
    let mut args = words(&["XGROUP", "CREATE", stream]);
    let odd: [&[u8]; 8] =
        [b"", b"control", b"_dead", b"eu-west:results", b"EU-WEST", b"eu-west ", b"../../etc", b"us-east\0"];
    args.push(match rng.random_range(0..4) {
        0 => odd.choose(rng).map_or(Vec::new(), |name| name.to_vec()),
        1 => random::text(rng, 10_000),
        _ => format!("region-{}", made % GROUPS_MAX).into_bytes(),
    });
    args.extend(words(&[["0", "$", "5-5", LAST].choose(rng).unwrap_or(&"0")]));
    args
}

/// A consumer more, of the region's own group.
pub(super) fn consumer(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    let own = format!("{{{K}}}:{}", seen.region);
    let mut args = words(&["XREADGROUP", "GROUP", &seen.region]);
    args.push(if rng.random_bool(0.2) {
        random::text(rng, 5_000)
    } else {
        format!("c-{}", rng.random::<u32>()).into()
    });
    args.extend(words(&["COUNT", "1", "STREAMS", &own, "0"]));
    args
}

/// Sets a group's position: on the shared stream each region's, other regions' first, and on the region's own.
pub(super) fn position(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    let ahead = [LAST.to_owned(), "18446744073709551615-0".to_owned(), format!("{}-0", seen.now_ms + 86_400_000)];
    let ahead = ahead.choose(rng).map_or(LAST, String::as_str);
    let group = seen.others.choose(rng).filter(|_| rng.random_bool(0.8)).unwrap_or(&seen.region);
    words(&["XCLAIM", K, group, "thief", "0", "1-1", "LASTID", ahead, "JUSTID"])
}

/// Takes jobs of other regions, and lets nobody have them.
pub(super) fn silence(rng: &mut StdRng, seen: &Seen) -> Vec<Vec<u8>> {
    let group = seen.others.choose(rng).map_or("eu-west", String::as_str);
    let id = format!("{}-{}", seen.now_ms - rng.random_range(0..3_000), rng.random_range(0..3));
    match rng.random_range(0..4) {
        0 => words(&["XREADGROUP", "GROUP", group, "thief", "COUNT", "200", "STREAMS", K, ">"]),
        1 => words(&["XAUTOCLAIM", K, group, "thief", "0", "0", "COUNT", "500", "JUSTID"]),
        2 => words(&["XACK", K, group, &id]),
        _ => words(&["XCLAIM", K, group, "thief", "0", &id, "FORCE", "JUSTID"]),
    }
}

/// How many things are tried that must be refused.
pub(super) const FORBIDDEN: usize = 40;

/// Number `n` of what the user of a region has no right to, from 1 on. `&` stands for the shared stream, `@` for a key of
/// the lane, `~` for the region, `^` for another one.
pub(super) fn forbidden(seen: &Seen, n: usize) -> Vec<Vec<u8>> {
    let other = seen.others.first().map_or("eu-west", String::as_str);
    let tried: [&str; FORBIDDEN] = [
        "XADD & * id x url http://127.0.0.1/",
        "XADD @~ * id x url http://127.0.0.1/",
        "XADD @^:results * v 1 o x",
        "XADD @control:results * v 1 o x",
        "XADD @_live * x y",
        "XADD @_dead * x y",
        "XADD @_anything * x y",
        "SET @_watermark 9999999999:x",
        "GET @_watermark",
        "DEL &",
        "DEL @~:results",
        "UNLINK @_dead",
        "XTRIM & MAXLEN 0",
        "XDEL & 1-1",
        "XSETID & 9999999999999-0",
        "XGROUP SETID & ^ $",
        "XGROUP DESTROY & ^",
        "XGROUP DELCONSUMER & ^ w0",
        "XREADGROUP GROUP ^ thief STREAMS @^ >",
        "XACK @^ ^ 1-1",
        "XCLAIM @^ ^ thief 0 1-1",
        "XRANGE @^:results - +",
        "XREAD STREAMS @~:results 0",
        "XLEN &",
        "XINFO GROUPS &",
        "RENAME & stolen",
        "COPY & stolen",
        "EXPIRE & 1",
        "EVAL return(1) 0",
        "FUNCTION LIST",
        "FLUSHALL",
        "KEYS *",
        "SCAN 0",
        "CONFIG SET maxmemory 1",
        "ACL LIST",
        "CLIENT KILL TYPE normal",
        "CLIENT LIST",
        "MONITOR",
        "REPLICAOF 127.0.0.1 1",
        "PUBLISH x y",
    ];
    let key = format!("{{{K}}}:");
    let spelt = |word: &str| word.replace('&', K).replace('@', &key).replace('^', other).replace('~', &seen.region);
    tried[(n + FORBIDDEN - 1) % FORBIDDEN].split(' ').map(|word| spelt(word).into_bytes()).collect()
}
