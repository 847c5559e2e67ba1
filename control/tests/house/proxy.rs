//! A way to a server that can break: connections that end at any byte, or that stay open and carry nothing any more, as
//! when a cable is pulled. New ones work.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};
use tokio_util::task::TaskTracker;

/// A proxy on a free port, for as long as the runtime lives.
pub(crate) struct Proxy {
    address: SocketAddr,
    /// The last thing that was done to its connections.
    breaks: watch::Sender<Break>,
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
        let tasks = TaskTracker::new();
        tasks.spawn_on(accept(listener, port, breaks.subscribe(), tasks.clone()), runtime.handle());
        Self { address, breaks }
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
}

async fn accept(listener: TcpListener, port: u16, breaks: watch::Receiver<Break>, tasks: TaskTracker) {
    while let Ok((client, _)) = listener.accept().await {
        // What was done before does not concern it.
        let mut breaks = breaks.clone();
        breaks.mark_unchanged();
        tasks.spawn(carry(client, port, breaks));
    }
}

async fn carry(mut client: TcpStream, port: u16, mut breaks: watch::Receiver<Break>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let broken = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        broken = breaks.changed() => broken,
    };
    if broken.is_ok() && matches!(*breaks.borrow(), Break::GoDead) {
        // Both ends stay open, and hear nothing.
        std::future::pending::<()>().await;
    }
}
