//! One connection, one request, one behaviour carried out. Written on plain sockets, since half of the behaviours are
//! things an HTTP library exists to prevent. No keep-alive: a check never reuses a connection.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::server::TlsStream;

use super::behaviour::{Answer, Behaviour, Body};

/// The longest request head read.
const HEAD_MAX: usize = 32 * 1024;
/// How long a client may take to send its request, or to close after the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of a filler body is written at once.
const FILLER: [u8; 16 * 1024] = [b'x'; 16 * 1024];

/// A connection that can also be broken off.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// Makes the coming close a reset.
    fn reset_on_close(&self) -> io::Result<()>;
}

impl Socket for TcpStream {
    fn reset_on_close(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Socket for TlsStream<TcpStream> {
    fn reset_on_close(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// Reads one request, asks `decide` about its target and does what it says.
pub(super) async fn serve(mut socket: impl Socket, decide: impl FnOnce(&str) -> Behaviour) -> io::Result<()> {
    let Ok(request) = timeout(PATIENCE, read_request(&mut socket)).await else { return Ok(()) };
    let Some(request) = request? else { return Ok(()) };
    match decide(&request.target) {
        Behaviour::Answer(wanted) => {
            if !wanted.delay.is_zero() {
                sleep(wanted.delay).await;
            }
            answer(&mut socket, &wanted, request.is_head).await
        }
        Behaviour::Close => Ok(()),
        Behaviour::Reset => socket.reset_on_close(),
        Behaviour::Hang => until_closed(&mut socket).await,
        Behaviour::Stall => {
            socket.write_all(head(&Answer::status(200), 1_000).as_bytes()).await?;
            socket.flush().await?;
            until_closed(&mut socket).await
        }
    }
}

struct Request {
    target: String,
    is_head: bool,
}

/// Nothing where the client left, or sent something else than HTTP. The body is read too: closing with unread bytes
/// would turn the answer into a reset.
async fn read_request(socket: &mut impl Socket) -> io::Result<Option<Request>> {
    let mut bytes = Vec::with_capacity(1_024);
    loop {
        if socket.read_buf(&mut bytes).await? == 0 || bytes.len() > HEAD_MAX {
            return Ok(None);
        }
        let mut headers = [httparse::EMPTY_HEADER; 80];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(&bytes) {
            Err(_) => return Ok(None),
            Ok(httparse::Status::Partial) => {}
            Ok(httparse::Status::Complete(head)) => {
                let is_head = parsed.method == Some("HEAD");
                let request = Request { target: parsed.path.unwrap_or("/").to_owned(), is_head };
                let rest = content_length(&parsed).saturating_sub((bytes.len() - head) as u64);
                tokio::io::copy(&mut socket.take(rest), &mut tokio::io::sink()).await?;
                return Ok(Some(request));
            }
        }
    }
}

fn content_length(request: &httparse::Request<'_, '_>) -> u64 {
    let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    header.and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok()).unwrap_or(0)
}

async fn answer(socket: &mut impl Socket, answer: &Answer, is_head: bool) -> io::Result<()> {
    let length = match &answer.body {
        Body::Text(text) => text.len() as u64,
        Body::Filler(bytes) => *bytes,
    };
    let mut first = head(answer, length);
    if let (Body::Text(text), false) = (&answer.body, is_head) {
        first.push_str(text);
    }
    socket.write_all(first.as_bytes()).await?;
    if let (Body::Filler(bytes), false) = (&answer.body, is_head) {
        let mut left = *bytes as usize;
        while left > 0 {
            let now = left.min(FILLER.len());
            socket.write_all(&FILLER[..now]).await?;
            left -= now;
        }
    }
    socket.flush().await?;
    socket.shutdown().await
}

fn head(answer: &Answer, length: u64) -> String {
    let location = answer.location.as_ref().map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
    format!(
        "HTTP/1.1 {} As-Told\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n{location}Connection: close\r\n\r\n",
        answer.status
    )
}

async fn until_closed(socket: &mut impl Socket) -> io::Result<()> {
    tokio::io::copy(socket, &mut tokio::io::sink()).await.map(drop)
}
