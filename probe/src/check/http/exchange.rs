//! One request on one connection: hyper's HTTP/1.1 client, driven in the check's own task. Every failure here is the peer's: `protocol`.
//!
//! A waiting connection takes some 18 KiB, nearly all of it hyper's: request channel 9, write buffer 8, read buffer 8, as far as touched.
//!
//! As forgiving as a browser where nothing depends on it (folded lines and lines that are no header are passed over): such a site is up.

use std::{
    error::Error as _,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{
    body::{Body as _, Incoming},
    client::conn::http1::{Builder, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::Reason;

use crate::check::Failure;

/// About where a response head is too long; read buffers grow no larger.
const MAX_HEAD: usize = 64 * 1024;

/// What all connections have in common.
pub(in crate::check) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .max_buf_size(MAX_HEAD)
        // Head and body in one write.
        .writev(false)
        // Names have no case, but some old servers think so.
        .title_case_headers(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    builder
}

/// A connection that carries one request. Nothing moves but while one of its methods is awaited.
pub(super) struct Exchange<S: AsyncRead + AsyncWrite + Unpin> {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Tap<S>>, Full<Bytes>>,
    ended: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<S> {
    /// Sends nothing yet.
    pub(super) async fn open(builder: &Builder, stream: S) -> Result<Self, Failure> {
        let io = TokioIo::new(Tap { stream, received: 0, first: [0; FIRST] });
        let (sender, connection) = builder.handshake(io).await.map_err(|why| protocol(why.to_string()))?;
        Ok(Self { sender, connection, ended: false })
    }

    /// Sends the request and waits for the head of the final response; interim ones (1xx) are passed over.
    pub(super) async fn respond(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let mut response = pin!(self.sender.send_request(request));
        poll_fn(|cx| {
            drive(&mut self.connection, &mut self.ended, cx);
            response.as_mut().poll(cx)
        })
        .await
    }

    /// The next piece of the body; `None` at its end.
    pub(super) async fn piece(&mut self, body: &mut Incoming) -> Option<Result<Bytes, Failure>> {
        loop {
            let frame = poll_fn(|cx| {
                // Asking first tells the connection that there is room.
                let frame = Pin::new(&mut *body).poll_frame(cx);
                if frame.is_ready() {
                    return frame;
                }
                drive(&mut self.connection, &mut self.ended, cx);
                Pin::new(&mut *body).poll_frame(cx)
            });
            match frame.await?.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => return Some(Ok(data)),
                // Trailers.
                Ok(Err(_)) => {}
                Err(error) => return Some(Err(broken(&error))),
            }
        }
    }

    /// Why there was no response.
    pub(super) fn unanswered(self, error: &hyper::Error) -> Failure {
        let tap = self.connection.into_parts().io.into_inner();
        match io_error(error) {
            _ if tap.speaks_tls() => protocol("the server speaks TLS on this port: write https://"),
            _ if !tap.speaks_http() => protocol(format!("the answer is not HTTP/1: it begins with `{}`", tap.shown())),
            Some(io) if tap.received == 0 => lost(io, "before it answered"),
            Some(io) => lost(io, "inside the response head"),
            None if error.is_parse() => protocol(format!("the response head cannot be used: {error}")),
            None if tap.received == 0 => protocol("the server closed the connection without an answer"),
            None => protocol("the server closed the connection inside the response head"),
        }
    }
}

/// Lets the connection do what it can. It tells its end to whoever waits for the response or the body.
fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<TokioIo<Tap<S>>, Full<Bytes>>,
    ended: &mut bool,
    cx: &mut Context<'_>,
) {
    *ended = *ended || connection.poll_without_shutdown(cx).is_ready();
}

fn protocol(detail: impl Into<String>) -> Failure {
    Failure::new(Reason::Protocol, detail)
}

fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    error.source().and_then(|source| source.downcast_ref())
}

fn lost(error: &io::Error, when: &str) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset => protocol(format!("the server reset the connection {when}")),
        io::ErrorKind::BrokenPipe => protocol(format!("the server closed the connection {when}")),
        _ => protocol(format!("the connection broke {when}: {error}")),
    }
}

fn broken(error: &hyper::Error) -> Failure {
    match io_error(error) {
        Some(io) if io.kind() == io::ErrorKind::UnexpectedEof => protocol("the body is shorter than announced"),
        Some(io) if io.kind() == io::ErrorKind::ConnectionReset => lost(io, "inside the body"),
        Some(io) => protocol(format!("the body cannot be read: {io}")),
        None => protocol(format!("the body cannot be read: {error}")),
    }
}

const BEGINS: &[u8] = b"HTTP/1.";
const FIRST: usize = 24;

/// Remembers how an answer began: what hyper refuses is said in words that help.
struct Tap<S> {
    stream: S,
    received: usize,
    first: [u8; FIRST],
}

impl<S> Tap<S> {
    fn first(&self) -> &[u8] {
        &self.first[..self.received.min(FIRST)]
    }

    fn speaks_http(&self) -> bool {
        self.first().iter().zip(BEGINS).all(|(byte, expected)| byte == expected)
    }

    /// A TLS alert or handshake record.
    fn speaks_tls(&self) -> bool {
        matches!(self.first(), [0x15 | 0x16, 3, ..])
    }

    fn shown(&self) -> std::slice::EscapeAscii<'_> {
        self.first().escape_ascii()
    }

    fn note(&mut self, bytes: &[u8]) {
        if let Some(room) = self.first.get_mut(self.received..) {
            let length = room.len().min(bytes.len());
            room[..length].copy_from_slice(&bytes[..length]);
        }
        self.received += bytes.len();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            // TLS without its goodbye (close_notify). Many servers leave it out; framing tells whether something is missing.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            Poll::Ready(Ok(())) => {
                self.note(&buffer.filled()[before..]);
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
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
