use std::io::Write as _;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use http::HeaderValue;

use super::*;

const TEXT: &[u8] = b"<p>all systems normal</p><p>all systems normal</p><p>all systems normal</p>";

fn hex(digits: &str) -> Vec<u8> {
    digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn raw(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn br() -> Vec<u8> {
    hex("1b4a00f88dd45eb1aa1e4ccdc316f6b27ce092905adc491468b8277afdd76b01")
}

fn zstd() -> Vec<u8> {
    hex("28b52ffd204b050100c83c703e616c6c2073797374656d73206e6f726d616c3c2f703e0100cdd11c03")
}

fn zstd_with_sum() -> Vec<u8> {
    hex("28b52ffd244b050100c83c703e616c6c2073797374656d73206e6f726d616c3c2f703e0100cdd11c03a39f0851")
}

/// A gzip member whose header has everything a header can have.
fn dressed_up() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3];
    bytes.extend(b"\x03\0abcname\0comment\0\x12\x34");
    bytes.extend(raw(TEXT));
    bytes.extend([0; 8]);
    bytes
}

/// What a body of these codings is in the clear, and what is wrong with it, whatever pieces it comes in.
fn undone(names: &[&str], body: &[u8]) -> (Vec<u8>, Option<Fault>) {
    let whole = undone_by(body.len().max(1), names, body);
    for piece in [1, 2, 3, 7] {
        let (clear, fault) = undone_by(piece, names, body);
        assert_eq!((clear.len(), fault), (whole.0.len(), whole.1), "{names:?} in pieces of {piece}");
        assert!(clear == whole.0, "{names:?} in pieces of {piece}");
    }
    whole
}

fn undone_by(piece: usize, names: &[&str], body: &[u8]) -> (Vec<u8>, Option<Fault>) {
    let mut headers = HeaderMap::new();
    for name in names {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(name).unwrap());
    }
    let Some(mut codings) = Codings::of(&headers) else { return (body.to_vec(), None) };
    let mut clear = Vec::new();
    for piece in body.chunks(piece) {
        codings.add_input(piece);
        while let Some(bytes) = codings.step() {
            clear.extend_from_slice(bytes);
        }
    }
    codings.end_input();
    while let Some(bytes) = codings.step() {
        clear.extend_from_slice(bytes);
    }
    assert!(codings.is_over());
    (clear, codings.fault())
}

#[test]
fn every_coding_is_undone() {
    let cases: Vec<(&[&str], Vec<u8>)> = vec![
        (&["gzip"], gzip(TEXT)),
        (&["x-gzip"], gzip(TEXT)),
        (&["GZip"], dressed_up()),
        (&["gzip"], [gzip(&TEXT[..9]), gzip(&TEXT[9..])].concat()),
        (&["gzip"], [gzip(TEXT), b"\0\0 behind".to_vec()].concat()),
        (&["gzip"], gzip(TEXT)[..gzip(TEXT).len() - 8].to_vec()),
        (&["deflate"], zlib(TEXT)),
        (&["deflate"], raw(TEXT)),
        (&["br"], br()),
        (&["br"], [br(), b"behind".to_vec()].concat()),
        (&["zstd"], zstd()),
        (&["zstd"], zstd_with_sum()),
        (&["zstd"], [hex("502a4d1803000000ffffff"), zstd(), b"behind".to_vec()].concat()),
        (&["gzip, deflate"], zlib(&gzip(TEXT))),
        (&["br", "gzip"], gzip(&br())),
        (&["gzip, zstd", "identity"], {
            // What was gzip first and a block of zstd as it stands then.
            let inner = gzip(TEXT);
            let head = (inner.len() as u32) << 3 | 1;
            [&hex("28b52ffd0058")[..], &head.to_le_bytes()[..3], &inner].concat()
        }),
        (&["identity"], TEXT.to_vec()),
        (&["utf-8"], TEXT.to_vec()),
        (&["none"], TEXT.to_vec()),
        (&[""], TEXT.to_vec()),
        (&[], TEXT.to_vec()),
    ];
    for (names, body) in cases {
        let (clear, fault) = undone(names, &body);
        assert_eq!((str::from_utf8(&clear).unwrap(), fault), (str::from_utf8(TEXT).unwrap(), None), "{names:?}");
    }
    let twice = [zstd_with_sum(), zstd_with_sum()].concat();
    assert_eq!(undone(&["zstd"], &twice), ([TEXT, TEXT].concat(), None));
}

#[test]
fn nothing_is_no_fault() {
    for name in ["gzip", "deflate", "br", "zstd"] {
        assert_eq!(undone(&[name], b""), (Vec::new(), None), "{name}");
    }
}

#[test]
fn what_is_not_what_it_says_is_taken_as_it_stands() {
    for name in ["gzip", "deflate", "br", "zstd"] {
        let (clear, fault) = undone(&[name], b"plain text, and more of it");
        assert_eq!((str::from_utf8(&clear).unwrap(), fault), ("plain text, and more of it", Some(Fault::Not(name))));
    }
    assert_eq!(undone(&["compress"], b"plain"), (b"plain".to_vec(), Some(Fault::Unknown)));
    assert_eq!(undone(&["gzip, br, gzip, br, gzip"], b"plain").1, Some(Fault::Unknown));
}

#[test]
fn what_breaks_off_or_is_damaged_is_known() {
    let long: Vec<u8> = (0..60_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for (name, body) in [("gzip", gzip(&long)), ("deflate", zlib(&long)), ("deflate", raw(&long))] {
        let (clear, fault) = undone(&[name], &body[..body.len() / 2]);
        assert!(long.starts_with(&clear) && !clear.is_empty(), "{name}");
        assert_eq!(fault, Some(Fault::Cut(name)));
        let mut damaged = body.clone();
        damaged[body.len() / 2..].fill(0xff);
        let (clear, fault) = undone_by(4_096, &[name], &damaged);
        assert!(!clear.is_empty() && matches!(fault, Some(Fault::Broken(_) | Fault::Cut(_))), "{name} {fault:?}");
    }
    for (name, body) in [("br", br()), ("zstd", zstd())] {
        assert_eq!(undone(&[name], &body[..body.len() - 4]).1, Some(Fault::Cut(name)));
    }
}

#[test]
fn a_bomb_is_undone_a_step_at_a_time() {
    let zeros = vec![0; 4 << 20];
    // 64 MiB in br; a block of zstd that stands for 128 KiB in four bytes, a thousand times.
    let rle = [hex("28b52ffd0058"), hex("02001000").repeat(1_000)].concat();
    for (name, body, at_least) in [
        ("gzip", gzip(&zeros), 4 << 20),
        ("br", hex(include_str!("bomb.br.hex").trim()), 64 << 20),
        ("zstd", rle, 100 << 20),
    ] {
        let headers = [(CONTENT_ENCODING, HeaderValue::from_static(name))].into_iter().collect();
        let mut codings = Codings::of(&headers).unwrap();
        codings.add_input(&body);
        let mut total = 0;
        while let Some(bytes) = codings.step() {
            assert!(bytes.len() <= STEP, "{name}: {}", bytes.len());
            total += bytes.len();
        }
        assert!(total >= at_least, "{name}: {total}");
    }
}
