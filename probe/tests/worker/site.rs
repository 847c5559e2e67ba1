//! A site on loopback that can keep its visitors waiting.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
};

/// Answers 200 to everything, at once or when let go.
pub(crate) struct Site {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    held: bool,
    requests: usize,
    now: usize,
    most_at_once: usize,
}

impl Site {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&site.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        site
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on visitors wait.
    pub(crate) fn hold(&self) {
        self.state.0.lock().unwrap().held = true;
    }

    /// Answers all who wait, and whoever comes.
    pub(crate) fn let_go(&self) {
        self.state.0.lock().unwrap().held = false;
        self.state.1.notify_all();
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.0.lock().unwrap().requests
    }

    /// Requests being answered now.
    pub(crate) fn now(&self) -> usize {
        self.state.0.lock().unwrap().now
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.state.0.lock().unwrap().most_at_once
    }
}

fn serve(mut stream: TcpStream, (state, changed): &(Mutex<State>, Condvar)) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let mut now = state.lock().unwrap();
    now.requests += 1;
    now.now += 1;
    now.most_at_once = now.most_at_once.max(now.now);
    let mut now = changed.wait_while(now, |state| state.held).unwrap();
    now.now -= 1;
    drop(now);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nup\n");
}
