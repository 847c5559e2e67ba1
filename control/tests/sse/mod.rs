//! A client of server-sent events over HTTP/1.1, for tests.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// A minute of silence.
const PINGS: usize = 6;

/// One event, or a ping.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: Value,
    pub comment: String,
}

/// A client of server-sent events over HTTP/1.1.
pub struct Stream {
    reader: BufReader<TcpStream>,
    pub head: String,
    text: String,
}

impl Stream {
    /// Asks the replica at `url`; `last` is the id heard last.
    pub fn open(url: &str, token: &str, query: &str, last: Option<&str>) -> Self {
        let address = url.trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(45))).unwrap();
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        write!(
            socket,
            "GET /api/v1/events{query} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{last}Accept-Encoding: gzip\r\n\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(socket);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
        }
        Self { reader, head: head.to_lowercase(), text: String::new() }
    }

    /// One that was let in and heard its hello.
    pub fn listen(url: &str, token: &str, query: &str, last: Option<&str>) -> Self {
        let mut stream = Self::open(url, token, query, last);
        assert!(stream.head.starts_with("http/1.1 200 "), "{}", stream.head);
        let hello = stream.next().unwrap();
        assert_eq!(hello.name, "hello");
        stream
    }

    /// The data of the next event of this name.
    pub fn next_named(&mut self, name: &str) -> Value {
        loop {
            let event = self.next_of_all().expect("the stream goes on");
            if event.name == name {
                return event.data;
            }
        }
    }

    /// The next event that is no ping; nothing at the end.
    pub fn next(&mut self) -> Option<Event> {
        for _ in 0..PINGS {
            let event = self.next_or_ping()?;
            if !event.name.is_empty() {
                return Some(event);
            }
        }
        panic!("nothing but pings");
    }

    /// What is said of lanes is left out: where nobody works on them they stand still.
    pub fn next_or_ping(&mut self) -> Option<Event> {
        loop {
            let event = self.next_of_all()?;
            if event.name != "lanes" {
                return Some(event);
            }
        }
    }

    fn next_of_all(&mut self) -> Option<Event> {
        while !self.text.contains("\n\n") {
            self.chunk()?;
        }
        let (event, rest) = self.text.split_once("\n\n").unwrap();
        let event = read(event);
        self.text = rest.to_owned();
        Some(event)
    }

    fn chunk(&mut self) -> Option<()> {
        let mut size = String::new();
        match self.reader.read_line(&mut size) {
            Ok(0) => return None,
            Err(why) if why.kind() == ErrorKind::ConnectionReset => return None,
            read => drop(read.expect("nothing was said for long")),
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut bytes = vec![0; size + 2];
        self.reader.read_exact(&mut bytes).unwrap();
        self.text.push_str(std::str::from_utf8(&bytes[..size]).unwrap());
        (size > 0).then_some(())
    }
}

fn read(text: &str) -> Event {
    let mut event = Event::default();
    for line in text.lines() {
        match line.split_once(':').unwrap() {
            ("event", name) => name.clone_into(&mut event.name),
            ("id", id) => id.clone_into(&mut event.id),
            ("data", data) => event.data = serde_json::from_str(data).unwrap(),
            ("", comment) => comment.clone_into(&mut event.comment),
            ("retry", milliseconds) => assert_eq!(milliseconds, "1000"),
            other => panic!("{other:?}"),
        }
    }
    event
}
