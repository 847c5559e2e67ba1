//! What stands around Prometheus and Alertmanager in a test: a page of metrics as control would show it, and a webhook that
//! keeps what it is told. One listener on loopback for both; it ends with the process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde_json::Value;

/// The listener, and what it knows.
#[derive(Clone)]
pub(super) struct Stage {
    /// `127.0.0.1:port`
    pub(super) address: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// The page; without one, control is gone.
    page: Option<String>,
    told: Vec<Value>,
}

impl Stage {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let stage = Self { address: listener.local_addr()?.to_string(), seen: Arc::default() };
        let server = stage.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                // Whoever asks and goes away is asked for nothing more.
                let _ = server.answer(&socket);
            }
        });
        Ok(stage)
    }

    /// From now on `/metrics` is this, or control is gone.
    pub(super) fn show(&self, page: Option<&str>) {
        self.seen().page = page.map(str::to_owned);
    }

    /// What the webhook was told since this was asked last.
    pub(super) fn told(&self) -> Vec<Value> {
        std::mem::take(&mut self.seen().told)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, mut socket: &TcpStream) -> Result<()> {
        let mut lines = BufReader::new(socket.try_clone()?);
        let (mut first, mut length) = (String::new(), 0);
        lines.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            lines.read_line(&mut line)?;
            match line.to_lowercase().strip_prefix("content-length:") {
                Some(text) => length = text.trim().parse()?,
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body)?;
        let page = if first.starts_with("POST ") {
            self.seen().told.push(serde_json::from_slice(&body)?);
            Some(String::new())
        } else {
            self.seen().page.clone()
        };
        let (status, page) = page.map_or(("503 Service Unavailable", String::new()), |page| ("200 OK", page));
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}", page.len());
        write!(socket, "{head}\r\nConnection: close\r\n\r\n{page}")?;
        Ok(())
    }
}
