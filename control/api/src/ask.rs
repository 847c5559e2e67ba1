//! The one question we ask ourselves over HTTP: are you ready? For container health checks, without a client library.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// How long the replica may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the admin port at `listen` for `/readyz`. Returns whether it is ready, and its answer's body.
pub fn ready(listen: SocketAddr) -> io::Result<(bool, String)> {
    let address = SocketAddr::new(here(listen.ip()), listen.port());
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim().to_owned();
    Ok((answer.starts_with("HTTP/1.1 200 "), body))
}

/// Who listens everywhere is here as well.
fn here(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        named => named,
    }
}
