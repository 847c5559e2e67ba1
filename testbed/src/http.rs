//! A GET on this machine, for pages that a program of ours shows: `/readyz`, `/metrics`.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result};

/// How long who only looks waits.
const SOON: Duration = Duration::from_secs(1);
/// How long who needs the answer waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a GET of `url` is answered with 200 within a second.
pub fn is_ok(url: &str) -> bool {
    get(url).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// What a GET of `url` is answered with within a second, head and body as they come.
pub fn get(url: &str) -> Result<String> {
    fetch(url, SOON)
}

/// Status and body of the answer to a GET of `url`.
pub fn answer(url: &str) -> Result<(u16, String)> {
    let text = fetch(url, PATIENCE)?;
    let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("{url} breaks off"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.with_context(|| format!("{url} answers without a status: {head}"))?, body.to_owned()))
}

fn fetch(url: &str, patience: Duration) -> Result<String> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not http"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut socket = TcpStream::connect(host)?;
    socket.set_read_timeout(Some(patience))?;
    write!(socket, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}
