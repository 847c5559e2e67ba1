//! A way to a server that can break: connections that end at any byte, or that stay open and carry nothing any more, as
//! when a cable is pulled. New ones work. What holds a certain word can be made to take longer, and what follows it on its
//! connection with it.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::watch,
};
use tokio_util::task::TaskTracker;

/// A proxy on a free port, for as long as the runtime lives.
pub(crate) struct Proxy {
    address: SocketAddr,
    /// The last thing that was done to its connections.
    breaks: watch::Sender<Break>,
    /// What takes how much longer.
    slow: watch::Sender<Slow>,
}

#[derive(Clone, Copy)]
enum Break {
    End,
    GoDead,
}

impl Proxy {
    /// In front of a port on this machine.
    pub(crate) fn start(runtime: &Runtime, port: u16) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, breaks) = (listener.local_addr().unwrap(), watch::Sender::new(Break::End));
        let (tasks, slow) = (TaskTracker::new(), watch::Sender::new(None));
        let ways = (breaks.subscribe(), slow.subscribe());
        tasks.spawn_on(accept(listener, port, ways, tasks.clone()), runtime.handle());
        Self { address, breaks, slow }
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every connection there is goes dead without a word.
    pub(crate) fn kill(&self) {
        self.breaks.send_replace(Break::GoDead);
    }

    /// Every connection there is ends, with whatever was under way on it.
    pub(crate) fn cut(&self) {
        self.breaks.send_replace(Break::End);
    }

    /// Each message that holds `word` arrives so much later from now on.
    pub(crate) fn slow(&self, word: &'static str, by: Duration) {
        self.slow.send_replace(Some((word, by)));
    }
}

type Slow = Option<(&'static str, Duration)>;
type Ways = (watch::Receiver<Break>, watch::Receiver<Slow>);

async fn accept(listener: TcpListener, port: u16, ways: Ways, tasks: TaskTracker) {
    while let Ok((client, _)) = listener.accept().await {
        // What was done before does not concern it.
        let (mut breaks, slow) = ways.clone();
        breaks.mark_unchanged();
        tasks.spawn(carry(client, port, breaks, slow));
    }
}

async fn carry(client: TcpStream, port: u16, mut breaks: watch::Receiver<Break>, slow: watch::Receiver<Slow>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut asks, mut hears), (mut answers, mut takes)) = (client.into_split(), server.into_split());
    let both = async {
        let there = ask(&mut asks, &mut takes, &slow);
        let back = async {
            let _ = copy(&mut answers, &mut hears).await;
            hears.shutdown().await
        };
        tokio::join!(there, back)
    };
    let broken = tokio::select! {
        _ = both => return,
        broken = breaks.changed() => broken,
    };
    if broken.is_ok() && matches!(*breaks.borrow(), Break::GoDead) {
        // Both ends stay open, and hear nothing.
        std::future::pending::<()>().await;
    }
}

/// Carries what a client asks.
async fn ask(asks: &mut OwnedReadHalf, takes: &mut OwnedWriteHalf, slow: &watch::Receiver<Slow>) {
    let mut some = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = asks.read(&mut some).await {
        let said = &some[..length];
        let slow = *slow.borrow();
        if let Some((_, by)) = slow.filter(|(word, _)| said.windows(word.len()).any(|part| part == word.as_bytes())) {
            tokio::time::sleep(by).await;
        }
        if takes.write_all(said).await.is_err() {
            break;
        }
    }
    let _ = takes.shutdown().await;
}
