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
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::Context,
};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::{
    body::{Body as _, Incoming},
    client::conn::http1::{Builder, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use wire::Reason;

use super::tap::Tap;
use crate::check::Failure;

/// About where a response head is too long: as much as curl and browsers take.
const MAX_HEAD: usize = 256 * 1024;

/// More header lines than these are too many: as many as curl takes.
const MAX_LINES: usize = 5_000;

/// What all connections have in common.
pub(in crate::check) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_LINES)
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
pub(super) struct Exchange<'a, S: AsyncRead + AsyncWrite + Unpin> {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Tap<'a, S>>, Full<Bytes>>,
    /// Whether the answer is in HTTP/1.0.
    old: &'a AtomicBool,
    ended: bool,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Exchange<'a, S> {
    /// Sends nothing yet. `old` is false, and belongs to this exchange.
    pub(super) async fn open(builder: &Builder, stream: S, old: &'a AtomicBool) -> Result<Self, Failure> {
        let io = TokioIo::new(Tap::new(stream, old));
        let (sender, connection) = builder.handshake(io).await.map_err(|why| protocol(why.to_string()))?;
        Ok(Self { sender, connection, old, ended: false })
    }

    /// Sends the request and waits for the head of the final response; interim ones (1xx) are passed over.
    pub(super) async fn respond(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let mut response = pin!(self.sender.send_request(request));
        let mut response = poll_fn(|cx| {
            drive(&mut self.connection, &mut self.ended, cx);
            response.as_mut().poll(cx)
        })
        .await?;
        if self.old.load(Relaxed) {
            *response.version_mut() = Version::HTTP_10;
        }
        Ok(response)
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
            None if error.is_parse_too_large() => {
                protocol("the response head is too long: more than 256 KiB, or more than 5,000 lines")
            }
            None if error.is_parse() => protocol(format!("the response head cannot be used: {}", in_words(error))),
            None if tap.received == 0 => protocol("the server closed the connection without an answer"),
            None => protocol("the server closed the connection inside the response head"),
        }
    }
}

/// Lets the connection do what it can. It tells its end to whoever waits for the response or the body.
fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<TokioIo<Tap<'_, S>>, Full<Bytes>>,
    ended: &mut bool,
    cx: &mut Context<'_>,
) {
    *ended = *ended || connection.poll_without_shutdown(cx).is_ready();
}

fn protocol(detail: impl Into<String>) -> Failure {
    Failure::new(Reason::Protocol, detail)
}

/// hyper tells its errors apart in words alone; ours are for who runs the site.
fn in_words(error: &hyper::Error) -> String {
    let said = error.to_string();
    match said.as_str() {
        "invalid HTTP status-code parsed" => "its status is no number from 100 to 999".to_owned(),
        "invalid HTTP header parsed" => "a header line is malformed".to_owned(),
        "invalid content-length parsed" => "its Content-Length is no number, or says two things".to_owned(),
        "invalid HTTP version parsed" => "its version is not HTTP/1.1 or HTTP/1.0".to_owned(),
        "unexpected transfer-encoding parsed" => "its Transfer-Encoding does not belong there".to_owned(),
        _ => said,
    }
}

/// What the connection broke with.
pub(super) fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    error.source().and_then(|source| source.downcast_ref())
}

fn lost(error: &io::Error, when: &str) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset => protocol(format!("the server reset the connection {when}")),
        io::ErrorKind::BrokenPipe => protocol(format!("the server closed the connection {when}")),
        _ => protocol(format!("the connection broke {when}: {}", net::io_words(error))),
    }
}

fn broken(error: &hyper::Error) -> Failure {
    match io_error(error) {
        Some(io) if io.kind() == io::ErrorKind::UnexpectedEof => protocol("the body is shorter than announced"),
        Some(io) if io.kind() == io::ErrorKind::ConnectionReset => lost(io, "inside the body"),
        // hyper's own word for what it cannot decode.
        Some(io) if matches!(io.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            protocol("the body cannot be read: its chunks are malformed")
        }
        Some(io) => protocol(format!("the body cannot be read: {}", net::io_words(io))),
        None => protocol("the body cannot be read: the connection broke inside it"),
    }
}
