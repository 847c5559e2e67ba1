//! A TCP port: connects, encrypts where it is asked to, says what is to be said, and reads until the answer is as expected or
//! cannot be any more. Where nothing is expected, a connection is enough and nothing is read.

use std::{fmt::Write as _, io};

use net::TlsSettings;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use wire::{Certificate, Evidence, Octets, Reason, Tcp, TcpSpec};

use super::{Failure, Finding, Task, dial::Dial, limits, steps::Step};

/// Not more of an answer is read.
const MAX_ANSWER: usize = 64 * 1024;

/// The check, from name to verdict.
pub(super) async fn check(task: Task<'_>, spec: &TcpSpec) -> Finding {
    let has = spec.tcp.expect.is_none();
    let mut talk = Talk { dial: Dial::new(task.shared), tcp: &spec.tcp, answer: Vec::new(), has };
    let ended = tokio::time::timeout(task.limit, talk.run(task, spec)).await;
    let ended = match ended.map_err(|_| task.limit) {
        // Something was said in time, and it was not what is expected.
        Err(limit) if !talk.answer.is_empty() => {
            Ok(Err(talk.unexpected(&format!(" within {} s", limit.as_secs_f64()))))
        }
        ended => ended,
    };
    let failure = match talk.dial.stop(ended) {
        Err(failure) => Some(failure),
        Ok(()) => limits::judge(spec.expect, &talk.dial.found, task.now),
    };
    let Talk { dial, tcp, answer, .. } = talk;
    dial.conclude(failure, |certificate| evidence(tcp, &answer, certificate))
}

/// A check under way.
struct Talk<'a> {
    dial: Dial<'a>,
    tcp: &'a Tcp,
    /// What came so far.
    answer: Vec<u8>,
    /// Whether the expected text was found in it, or none is.
    has: bool,
}

impl Talk<'_> {
    async fn run(&mut self, task: Task<'_>, spec: &TcpSpec) -> Result<(), Failure> {
        let stream = self.dial.connect(task.url).await?;
        if !spec.tcp.tls {
            return self.talk(stream).await;
        }
        let (verify, extra_ca_pem) = (spec.tls.verify, spec.tls.ca.clone());
        let settings = TlsSettings { verify, extra_ca_pem, ..TlsSettings::default() };
        let stream = self.dial.handshake(stream, task.url, &settings).await?;
        self.talk(stream).await
    }

    async fn talk(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Failure> {
        let Tcp { send, expect, starts_with, .. } = self.tcp;
        if send.is_none() && expect.is_none() && starts_with.is_none() {
            return Ok(());
        }
        self.dial.watch.enter(Step::Response);
        if let Some(send) = send {
            stream.write_all(send.bytes()).await.map_err(|error| self.lost(&error))?;
            stream.flush().await.map_err(|error| self.lost(&error))?;
        }
        let mut piece = [0; 4 * 1024];
        while !self.is_as_expected()? {
            let read = match stream.read(&mut piece).await {
                // TLS without its goodbye (close_notify): many servers leave it out.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                read => read.map_err(|error| self.lost(&error))?,
            };
            if read == 0 {
                return Err(self.closed());
            }
            if self.answer.is_empty() {
                self.dial.watch.enter(Step::Body);
            }
            self.keep(&piece[..read.min(MAX_ANSWER - self.answer.len())]);
        }
        Ok(())
    }

    /// Looks through what is new, and through as much before it as a text may begin in.
    fn keep(&mut self, piece: &[u8]) {
        let before = self.answer.len();
        self.answer.extend_from_slice(piece);
        if let Some(text) = self.tcp.expect.as_ref().filter(|_| !self.has) {
            let from = before.saturating_sub(text.bytes().len() - 1);
            self.has = memchr::memmem::find(&self.answer[from..], text.bytes()).is_some();
        }
    }

    /// Whether what came so far is what is expected; `false` while more may make it so.
    fn is_as_expected(&self) -> Result<bool, Failure> {
        let answer = self.answer.as_slice();
        let begins = self.tcp.starts_with.as_ref().is_none_or(|start| answer.starts_with(start.bytes()));
        let cannot_begin = || !self.tcp.starts_with.as_ref().is_some_and(|start| start.bytes().starts_with(answer));
        match (begins, self.has) {
            (true, true) => Ok(true),
            (false, _) if cannot_begin() => Err(self.unexpected("")),
            _ if answer.len() == MAX_ANSWER => Err(self.unexpected(" in its first 64 KiB")),
            _ => Ok(false),
        }
    }

    /// What of the expected is not there; `bound` is how far was looked.
    fn unexpected(&self, bound: &str) -> Failure {
        let (answer, quoted) = (quote(&self.answer), |octets: &Octets| quote(octets.bytes()));
        let detail = match (&self.tcp.starts_with, &self.tcp.expect) {
            (Some(start), _) if !self.answer.starts_with(start.bytes()) => {
                format!("answer {answer} does not begin with {}{bound}", quoted(start))
            }
            (_, Some(text)) => format!("answer {answer} does not contain {}{bound}", quoted(text)),
            _ => format!("answer {answer} is not as expected{bound}"),
        };
        Failure::new(Reason::Answer, detail)
    }

    fn closed(&self) -> Failure {
        if self.answer.is_empty() {
            let closed = Failure::new(Reason::Protocol, "the server closed the connection without an answer");
            return self.dial.lost(None, closed);
        }
        self.unexpected(", and the server closed the connection")
    }

    fn lost(&self, error: &io::Error) -> Failure {
        let when = if self.answer.is_empty() { "before it answered" } else { "inside its answer" };
        let detail = match error.kind() {
            io::ErrorKind::ConnectionReset => format!("the server reset the connection {when}"),
            io::ErrorKind::BrokenPipe => format!("the server closed the connection {when}"),
            _ => format!("the connection broke {when}: {}", net::io_words(error)),
        };
        self.dial.lost(Some(error).filter(|_| self.answer.is_empty()), Failure::new(Reason::Protocol, detail))
    }
}

fn evidence(tcp: &Tcp, answer: &[u8], certificate: Option<Certificate>) -> Evidence {
    let kept = &answer[..answer.len().min(Evidence::BODY_MAX)];
    Evidence {
        request: tcp.send.as_ref().map(|send| printable(send.bytes())).unwrap_or_default(),
        response_head: None,
        body: (!answer.is_empty()).then(|| printable(kept)),
        body_cut: kept.len() < answer.len(),
        certificate,
    }
}

/// Bytes as people can read them: lines stay lines, and what cannot be printed is escaped.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => text.push(c),
                c if c.is_ascii_control() => {
                    let _ = write!(text, "{}", (c as u8).escape_ascii());
                }
                c if c.is_control() => text.extend(c.escape_unicode()),
                c => text.push(c),
            }
        }
        let _ = write!(text, "{}", chunk.invalid().escape_ascii());
    }
    text
}

/// The same on one line, cut where it is long.
fn quote(bytes: &[u8]) -> String {
    const MOST: usize = 60;
    let shown = printable(&bytes[..bytes.len().min(MOST)]).replace('\n', "\\n").replace('\t', "\\t");
    format!("`{shown}{}`", if bytes.len() > MOST { "…" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_is_escaped() {
        assert_eq!(printable(b"220 mail\r\n\tesmtp\0\x1b[1m"), "220 mail\\r\n\tesmtp\\x00\\x1b[1m");
        assert_eq!(printable("é\u{85}☃".as_bytes()), "é\\u{85}☃");
        assert_eq!(printable(b"\xff\xfea\xc3"), "\\xff\\xfea\\xc3");
        assert_eq!(quote(b"a\nb"), "`a\\nb`");
        assert_eq!(quote(&[b'x'; 61]), format!("`{}…`", "x".repeat(60)));
    }
}
