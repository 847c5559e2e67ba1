//! How a connection to a mail server is secured before a mail is spoken of. TLS is `net`'s in every case, so that whom it
//! trusts does not depend on how TLS begins.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use lettre::transport::smtp::{client::AsyncTokioStream, extension::ClientId};
use net::TlsConnection;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};

/// The longest reply that is read, bytes.
const MAX_REPLY: usize = 16 * 1024;
/// What a server that was greeted in the clear does not say again once TLS stands, and lettre waits for.
const GREETED: &[u8] = b"220 secured\r\n";

/// Asks for TLS (RFC 3207). Nothing is read beyond the server's consent: what came with it would have come unprotected.
pub(super) async fn starttls(tcp: &mut TcpStream, hello: &ClientId) -> Result<(), String> {
    said(tcp, "").await?;
    let can = said(tcp, &format!("EHLO {hello}\r\n")).await?;
    if !can.lines().any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))) {
        return Err(
            "the server offers no STARTTLS: set smtp.security to tls, or to none where nobody can listen".into()
        );
    }
    said(tcp, "STARTTLS\r\n").await.map(drop)
}

/// The reply to a command, all its lines. Byte by byte, since the rest belongs to somebody else.
async fn said(tcp: &mut TcpStream, command: &str) -> Result<String, String> {
    let broke = |why: io::Error| format!("the connection broke: {why}");
    tcp.write_all(command.as_bytes()).await.map_err(broke)?;
    let (mut reply, mut line) = (Vec::new(), 0);
    loop {
        reply.push(tcp.read_u8().await.map_err(broke)?);
        if reply.last() == Some(&b'\n') {
            if reply.get(line + 3) != Some(&b'-') {
                break;
            }
            line = reply.len();
        }
        if reply.len() >= MAX_REPLY {
            return Err("the server's reply does not end".to_owned());
        }
    }
    let reply = String::from_utf8_lossy(&reply).into_owned();
    if reply.starts_with('2') { Ok(reply) } else { Err(format!("the server refused: {}", reply.trim())) }
}

/// A TLS stream of ours, as lettre wants its streams.
#[derive(Debug)]
pub(super) struct Secured {
    tls: TlsConnection,
    address: SocketAddr,
    /// Read before what the server says.
    before: &'static [u8],
}

impl Secured {
    /// A connection that began with TLS, or in the clear: then its greeting is over.
    pub(super) fn new(tls: TlsConnection, address: SocketAddr, is_greeted: bool) -> Self {
        Self { tls, address, before: if is_greeted { GREETED } else { &[] } }
    }
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.before.is_empty() {
            return Pin::new(&mut self.tls.stream).poll_read(cx, buffer);
        }
        let (now, later) = self.before.split_at(self.before.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.before = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.stream).poll_shutdown(cx)
    }
}
