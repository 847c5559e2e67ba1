//! A site on loopback that does as told: a thread for each connection, so that it can stall in every place.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a site does once it has read a request.
pub(crate) enum Act {
    /// Sends this and closes.
    Send(Vec<u8>),
    /// Sends this in pieces of so many bytes, each in a segment of its own, and closes.
    Pieces(Vec<u8>, usize),
    /// Sends this and keeps the connection open until the other side closes.
    Hold(Vec<u8>),
}

pub(crate) fn send(text: impl Into<Vec<u8>>) -> Act {
    Act::Send(text.into())
}

/// A 200 with this body, of known length.
pub(crate) fn ok(body: &str) -> Act {
    send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

/// A redirect.
pub(crate) fn moved(status: u16, to: &str) -> Act {
    send(format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"))
}

/// A listening site and the requests it read. Its threads end with the test process.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Answers each request as `act` says, over plain TCP on 127.0.0.1.
    pub(crate) fn new(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1:0", None, act).unwrap()
    }

    /// The same over TLS.
    pub(crate) fn secure(tls: ServerConfig, act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1:0", Some(Arc::new(tls)), act).unwrap()
    }

    pub(crate) fn on(
        address: &str,
        tls: Option<Arc<ServerConfig>>,
        act: impl Fn(&str) -> Act + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (act, seen) = (Arc::new(act), Arc::clone(&requests));
        let address = listen(address, move |tcp| {
            let _ = match &tls {
                None => serve(tcp, &seen, &*act),
                Some(tls) => {
                    let session = ServerConnection::new(Arc::clone(tls)).unwrap();
                    serve(StreamOwned::new(session, tcp), &seen, &*act)
                }
            };
        })?;
        Ok(Self { address, requests })
    }

    /// `http://127.0.0.1:PORT` and this path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `https://HOST:PORT/`.
    pub(crate) fn secure_url(&self, host: &str) -> String {
        format!("https://{host}:{}/", self.address.port())
    }

    /// What was asked so far, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Does as told with every connection, each in a thread.
pub(crate) fn listen(address: &str, each: impl Fn(TcpStream) + Send + Sync + 'static) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let each = Arc::new(each);
    thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            let each = Arc::clone(&each);
            thread::spawn(move || each(tcp));
        }
    });
    Ok(address)
}

fn serve(mut stream: impl Read + Write, seen: &Mutex<Vec<String>>, act: &dyn Fn(&str) -> Act) -> std::io::Result<()> {
    let request = read_request(&mut stream)?;
    let act = act(&request);
    seen.lock().unwrap().push(request);
    match act {
        Act::Send(bytes) => stream.write_all(&bytes)?,
        Act::Pieces(bytes, piece) => {
            for piece in bytes.chunks(piece) {
                stream.write_all(piece)?;
                stream.flush()?;
                thread::yield_now();
            }
        }
        Act::Hold(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            wait_for_close(&mut stream);
        }
    }
    stream.flush()
}

/// Until the other side closes.
pub(crate) fn wait_for_close(stream: &mut impl Read) {
    while stream.read(&mut [0; 1_024]).is_ok_and(|read| read > 0) {}
}

/// Head and, by its Content-Length, body.
fn read_request(stream: &mut impl Read) -> std::io::Result<String> {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 1_024];
        let read = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            continue;
        };
        let length =
            head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(0, |n| n.parse().unwrap());
        if body.len() >= length {
            return Ok(text.into_owned());
        }
    }
}
