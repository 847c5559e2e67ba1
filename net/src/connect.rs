//! TCP to admitted addresses, several of them raced as RFC 8305 ("happy eyeballs") has it.
//!
//! Does not know names, TLS or deadlines: dropping the future closes whatever was under way.
//!
//! Whoever closes first keeps the port in `TIME_WAIT` for a minute. Where that is us, about 28,000 connections a minute to one address and
//! port are the limit (Linux's default port range); where the server closes first, as after `Connection: close`, there is none.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::Admitted;

/// How long an attempt has for itself before the next begins beside it (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// More addresses than these are not tried: DNS can list thousands.
const MAX_ATTEMPTS: usize = 8;

/// An open connection.
#[derive(Debug)]
pub struct Connected {
    /// The stream, with `TCP_NODELAY` set.
    pub tcp: TcpStream,
    /// Whom it goes to: the admitted address that answered first.
    pub address: SocketAddr,
}

/// No address could be connected to. Says what happened at each of them.
#[derive(Debug)]
pub struct ConnectError {
    /// Each address tried, with its error; never empty.
    pub attempts: Vec<(SocketAddr, io::Error)>,
}

impl ConnectError {
    /// Whether every attempt failed for want of something on this machine (file descriptors, ports, memory), which says nothing about
    /// the other side.
    pub fn is_ours(&self) -> bool {
        self.attempts.iter().all(|(_, error)| is_shortage(error))
    }
}

impl std::error::Error for ConnectError {}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (address, error)) in self.attempts.iter().enumerate() {
            let (before, said) = (if n == 0 { "" } else { "; " }, io_words(error));
            match error.kind() {
                io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted => {
                    write!(f, "{before}{said} by {address}")?;
                }
                io::ErrorKind::TimedOut => write!(f, "{before}{said} from {address}")?,
                _ => write!(f, "{before}{address}: {said}")?,
            }
        }
        Ok(())
    }
}

/// Connects to the first address that answers.
pub(crate) async fn first(admitted: &Admitted, port: u16) -> Result<Connected, ConnectError> {
    match admitted.addresses() {
        // Most names have one address: nothing to race, and so none of what a race needs.
        [only] => {
            let (address, result) = attempt(SocketAddr::new(*only, port)).await;
            match result {
                Ok(tcp) => Ok(Connected { tcp, address }),
                Err(error) => Err(ConnectError { attempts: vec![(address, error)] }),
            }
        }
        several => Box::pin(race(several, port)).await,
    }
}

async fn race(several: &[IpAddr], port: u16) -> Result<Connected, ConnectError> {
    let addresses = several.iter().copied().take(MAX_ATTEMPTS).map(|ip| SocketAddr::new(ip, port));
    let mut waiting = addresses.peekable();
    let mut running = FuturesUnordered::new();
    let mut attempts = Vec::new();
    // The first attempt needs no timer: one that is due now would still fire a millisecond later.
    running.extend(waiting.next().map(attempt));
    let mut next_at = Instant::now() + HEAD_START;
    loop {
        tokio::select! {
            // Who has answered wins over starting another attempt.
            biased;
            Some((address, result)) = running.next() => match result {
                Ok(tcp) => return Ok(Connected { tcp, address }),
                Err(error) => {
                    attempts.push((address, error));
                    running.extend(waiting.next().map(attempt));
                    next_at = Instant::now() + HEAD_START;
                }
            },
            () = tokio::time::sleep_until(next_at), if waiting.peek().is_some() => {
                running.extend(waiting.next().map(attempt));
                next_at = Instant::now() + HEAD_START;
            }
            else => return Err(ConnectError { attempts }),
        }
    }
}

async fn attempt(address: SocketAddr) -> (SocketAddr, io::Result<TcpStream>) {
    (address, connect(address).await)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// EMFILE and ENFILE have no portable name in std; their numbers are the same on every Unix.
fn is_shortage(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24))
        || matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory)
}

/// What the system says, in words that do not depend on it.
pub fn io_words(error: &io::Error) -> Cow<'static, str> {
    use io::ErrorKind as Kind;
    let known = match error.kind() {
        Kind::ConnectionRefused => "connection refused",
        Kind::ConnectionReset => "connection reset",
        Kind::ConnectionAborted => "connection aborted",
        Kind::NetworkUnreachable => "network unreachable",
        Kind::NetworkDown => "this machine's network is down",
        Kind::HostUnreachable => "host unreachable",
        Kind::TimedOut => "no answer",
        Kind::BrokenPipe => "connection closed",
        Kind::UnexpectedEof => "connection closed too early",
        Kind::AddrNotAvailable => "no free local port or address",
        Kind::AddrInUse => "no free local port",
        Kind::PermissionDenied => "forbidden by this machine",
        Kind::OutOfMemory => "this machine has no memory left",
        Kind::Interrupted => "interrupted",
        Kind::InvalidInput => "the address cannot be dialled from here",
        Kind::Unsupported => "this machine does not speak this kind of address",
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => "this machine has no file descriptors left",
        // EAFNOSUPPORT.
        _ if error.raw_os_error() == Some(97) => "this machine does not speak this kind of address",
        _ => return numbered(error).into(),
    };
    known.into()
}

/// The system's own words, without its `(os error 5)`.
fn numbered(error: &io::Error) -> String {
    let said = error.to_string();
    let said = said.split(" (os error").next().unwrap_or_default();
    let mut words = said.chars();
    words.next().map_or_else(|| "unknown error".to_owned(), |first| first.to_lowercase().chain(words).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_system_is_said_in_words() {
        for code in 1..=133 {
            let said = io_words(&io::Error::from_raw_os_error(code));
            assert!(said.len() > 4 && !said.contains("os error") && !said.contains(['{', '_']), "{code}: {said}");
        }
        assert_eq!(io_words(&io::Error::from_raw_os_error(24)), "this machine has no file descriptors left");
        assert_eq!(io_words(&io::Error::from_raw_os_error(111)), "connection refused");
        assert_eq!(io_words(&io::Error::other("Odd thing")), "odd thing");
    }
}
