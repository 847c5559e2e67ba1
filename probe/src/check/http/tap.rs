//! What lies between a socket and hyper: remembers how an answer began, so that what hyper refuses is said in words that help, and
//! mends two things that hyper cannot be told to take and every browser takes: a second space in the status line, and a
//! `Transfer-Encoding` in HTTP/1.0. Bodies are framed alike in HTTP/1.1 where the connection is closed after one answer.

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const BEGINS: &[u8] = b"HTTP/1.";
const FIRST: usize = 24;

/// Not more is read at once: hyper's buffer grows with what it is given.
const AT_ONCE: usize = 32 * 1024;

/// Between a socket and hyper.
pub(super) struct Tap<'a, S> {
    stream: S,
    pub(super) received: usize,
    first: [u8; FIRST],
    /// Place in the status line; none once it is behind us.
    place: Option<usize>,
    old: &'a AtomicBool,
}

impl<'a, S> Tap<'a, S> {
    pub(super) fn new(stream: S, old: &'a AtomicBool) -> Self {
        Self { stream, received: 0, first: [0; FIRST], place: Some(0), old }
    }

    fn first(&self) -> &[u8] {
        &self.first[..self.received.min(FIRST)]
    }

    pub(super) fn speaks_http(&self) -> bool {
        self.first().iter().zip(BEGINS).all(|(byte, expected)| byte == expected)
    }

    /// A TLS alert or handshake record.
    pub(super) fn speaks_tls(&self) -> bool {
        matches!(self.first(), [0x15 | 0x16, 3, ..])
    }

    pub(super) fn shown(&self) -> std::slice::EscapeAscii<'_> {
        self.first().escape_ascii()
    }

    fn note(&mut self, bytes: &[u8]) {
        if let Some(room) = self.first.get_mut(self.received..) {
            let length = room.len().min(bytes.len());
            room[..length].copy_from_slice(&bytes[..length]);
        }
        self.received += bytes.len();
    }

    /// Rewrites the beginning of a status line; how much of `bytes` is left.
    fn mend(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for read in 0..bytes.len() {
            let Some(place) = self.place else {
                bytes.copy_within(read.., kept);
                return kept + bytes.len() - read;
            };
            let mut byte = bytes[read];
            self.place = match (place, byte) {
                // Empty lines in front.
                (0, b'\r' | b'\n') => Some(0),
                (0..7, _) if byte == BEGINS[place] => Some(place + 1),
                (7, b'0') => {
                    self.old.store(true, Relaxed);
                    byte = b'1';
                    Some(8)
                }
                (7, b'1') => Some(8),
                (8, b' ') => Some(9),
                (9, b' ') => continue,
                _ => None,
            };
            bytes[kept] = byte;
            kept += 1;
        }
        kept
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<'_, S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let before = buffer.filled().len();
            match poll_some(Pin::new(&mut this.stream), cx, buffer) {
                // TLS without its goodbye (close_notify). Many servers leave it out; framing tells whether something is missing.
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
            let bytes = &mut buffer.filled_mut()[before..];
            let read = bytes.len();
            this.note(bytes);
            if this.place.is_some() {
                let kept = this.mend(bytes);
                buffer.set_filled(before + kept);
            }
            if read == 0 || buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// Reads at most [`AT_ONCE`].
fn poll_some<S: AsyncRead>(
    stream: Pin<&mut S>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    if buffer.remaining() <= AT_ONCE {
        return stream.poll_read(cx, buffer);
    }
    let mut piece = ReadBuf::new(buffer.initialize_unfilled_to(AT_ONCE));
    let polled = stream.poll_read(cx, &mut piece);
    let read = piece.filled().len();
    buffer.advance(read);
    polled
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<'_, S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_is_mended_whatever_pieces_it_comes_in() {
        for (sent, expected, old) in [
            ("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1   200  OK\r\n", "HTTP/1.1 200  OK\r\n", false),
            ("HTTP/1.0 200 OK\r\n", "HTTP/1.1 200 OK\r\n", true),
            ("\r\n\nHTTP/1.0  200\n", "\r\n\nHTTP/1.1 200\n", true),
            ("HTTP/1.00  200", "HTTP/1.10  200", true),
            ("HTTP/2.0  200", "HTTP/2.0  200", false),
            ("SSH-2.0  x", "SSH-2.0  x", false),
        ] {
            for piece in 1..=sent.len() {
                let is_old = AtomicBool::new(false);
                let mut tap = Tap::new((), &is_old);
                let mut mended = Vec::new();
                for piece in sent.as_bytes().chunks(piece) {
                    let mut piece = piece.to_vec();
                    let kept = tap.mend(&mut piece);
                    mended.extend_from_slice(&piece[..kept]);
                }
                assert_eq!(str::from_utf8(&mended).unwrap(), expected, "in pieces of {piece}");
                assert_eq!(is_old.load(Relaxed), old);
            }
        }
    }
}
