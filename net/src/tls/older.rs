//! What a server speaks that refused us: asked by a second hello, of the kind that older clients send. If it agrees to that one, its
//! ciphers are beyond what we speak, and nothing is wrong with it; if it refuses that too, it is.
//!
//! Nothing follows the hello: its answer names version and cipher, and that is all there is to know.

use std::io;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// TLS 1.2 with what rustls leaves out, and with what it speaks, for servers whose key exchange is the trouble (RFC 5246, A.5 and its like).
const CIPHERS: [u16; 37] = [
    0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, // as ours
    0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, // ECDHE with CBC
    0x009e, 0x009f, 0xccaa, 0x0033, 0x0039, 0x0067, 0x006b, 0x0016, // DHE
    0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, 0xc09c, 0xc09d, // RSA
    0x000a, 0xc008, 0xc012, 0x0005, 0xc011, // 3DES and RC4
];

/// X25519, P-256, P-384, P-521, X448, and finite fields.
const GROUPS: [u16; 7] = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101];

/// All of TLS 1.2 that somebody may sign with, SHA-1 too.
const SIGNATURES: [u16; 17] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x0301, 0x0203, 0x0201,
];

/// What the server behind `stream` speaks, in words that follow "the server speaks"; nothing where it refuses older clients too.
pub(super) async fn speaks(mut stream: impl AsyncRead + AsyncWrite + Unpin, name: &ServerName<'_>) -> Option<String> {
    stream.write_all(&hello(name)).await.ok()?;
    let (version, cipher) = answer(&mut stream).await.ok()??;
    Some(in_words(version, cipher))
}

fn in_words(version: u16, cipher: u16) -> String {
    let what = match cipher {
        _ if version < 0x0303 => {
            return format!(
                "TLS {} alone, and probes speak 1.3 and 1.2",
                if version == 0x0302 { "1.1" } else { "1.0" }
            );
        }
        0xc02b | 0xc02c | 0xc02f | 0xc030 | 0xcca8 | 0xcca9 => "a key exchange",
        0x000a | 0xc008 | 0xc012 | 0x0016 | 0x0005 | 0xc011 => "3DES or RC4",
        0xc009 | 0xc00a | 0xc013 | 0xc014 | 0xc023 | 0xc024 | 0xc027 | 0xc028 => "CBC ciphers",
        0x009e | 0x009f | 0xccaa | 0x0033 | 0x0039 | 0x0067 | 0x006b => "finite-field key exchange (DHE)",
        _ => "RSA key exchange",
    };
    format!("nothing newer than {what} (cipher 0x{cipher:04x}), which probes do not speak")
}

fn hello(name: &ServerName<'_>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let ServerName::DnsName(name) = name {
        let name = name.as_ref().as_bytes();
        let entry = [&[0][..], &sized(name)].concat();
        extensions.extend(extension(0, &sized(&entry)));
    }
    extensions.extend(extension(10, &sized(&numbers(&GROUPS))));
    // Uncompressed points.
    extensions.extend(extension(11, &[1, 0]));
    extensions.extend(extension(13, &sized(&numbers(&SIGNATURES))));
    // Renegotiation is safe, since there is none.
    extensions.extend(extension(0xff01, &[0]));
    let random = [0x55; 32];
    let body = [&[3, 3][..], &random, &[0], &sized(&numbers(&CIPHERS)), &[1, 0], &sized(&extensions)].concat();
    let message = [&[1, 0][..], &sized(&body)].concat();
    [&[22, 3, 1][..], &sized(&message)].concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized(data)].concat()
}

fn numbers(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// With its length in two bytes before it.
fn sized(data: &[u8]) -> Vec<u8> {
    [&(data.len() as u16).to_be_bytes()[..], data].concat()
}

/// Version and cipher of a `ServerHello`; nothing where it is something else, such as an alert.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(u16, u16)>> {
    let mut head = [0; 5 + 4 + 2 + 32 + 1];
    stream.read_exact(&mut head[..6]).await?;
    // A record with a handshake message, and in it a hello.
    if (head[0], head[5]) != (22, 2) {
        return Ok(None);
    }
    stream.read_exact(&mut head[6..]).await?;
    let mut rest = vec![0; usize::from(head[43]) + 2];
    stream.read_exact(&mut rest).await?;
    let cipher = [rest[rest.len() - 2], rest[rest.len() - 1]];
    Ok(Some((u16::from_be_bytes([head[9], head[10]]), u16::from_be_bytes(cipher))))
}
