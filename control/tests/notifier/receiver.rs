//! A webhook's receiver on loopback: it keeps what it gets, and answers as it is told.

use std::{
    collections::{HashMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How it answers one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// With this status.
    Status(u16),
    /// 429, and to be left alone for so many seconds.
    Busy(u64),
    /// Not before this long; then with 200.
    Late(Duration),
}

/// What it got.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
    pub(crate) at: Instant,
    /// Whether it was answered with 2xx.
    pub(crate) ok: bool,
}

impl Seen {
    /// By which repeats are known.
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// `incident.opened`.
    pub(crate) fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    /// `(type, incident)` of all it tells of.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let one = |body: &Value| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&body["type"]), text(&body["data"]["incident"]["id"]))
        };
        match self.body["data"]["incidents"].as_array() {
            Some(members) => members.iter().map(one).collect(),
            None => vec![one(&self.body)],
        }
    }
}

#[derive(Default)]
struct Book {
    seen: Vec<Seen>,
    next: VecDeque<Reply>,
    usual: Option<Reply>,
}

/// Listens until the test ends.
pub(crate) struct Receiver {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::<Mutex<Book>>::default();
        let shared = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let book = Arc::clone(&shared);
                // Who hangs up early is no concern of ours.
                thread::spawn(move || serve(stream, &book));
            }
        });
        Self { address, book }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers the next requests so, one after the other; then as usual.
    pub(crate) fn next(&self, replies: &[Reply]) {
        self.book.lock().unwrap().next.extend(replies);
    }

    /// Answers all others so from now on, instead of with 200.
    pub(crate) fn usually(&self, reply: Reply) {
        self.book.lock().unwrap().usual = Some(reply);
    }

    /// All there was so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.book.lock().unwrap().seen.clone()
    }

    /// What it answered with 2xx.
    pub(crate) fn taken(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.ok).collect()
    }

    /// `(type, incident)` of everything it took, sorted.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let mut all: Vec<_> = self.taken().iter().flat_map(Seen::told).collect();
        all.sort();
        all
    }
}

fn serve(mut stream: TcpStream, book: &Mutex<Book>) -> Option<()> {
    let at = Instant::now();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let reply = {
        let mut book = book.lock().unwrap();
        let reply = book.next.pop_front().or(book.usual).unwrap_or(Reply::Status(200));
        let ok = !matches!(reply, Reply::Busy(_) | Reply::Status(300..));
        book.seen.push(Seen { headers, body, at, ok });
        reply
    };
    let (status, more) = match reply {
        Reply::Status(status) => (status, String::new()),
        Reply::Busy(seconds) => (429, format!("retry-after: {seconds}\r\n")),
        Reply::Late(wait) => {
            thread::sleep(wait);
            (200, String::new())
        }
    };
    let text = format!("answered {status}");
    let head = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n", text.len());
    stream.write_all(format!("{head}{text}").as_bytes()).ok()
}
