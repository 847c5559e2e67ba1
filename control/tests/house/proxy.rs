//! A way to a server that can go dead: connections that stay open and carry nothing any more, as when a cable is pulled.
//! New ones work.

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
    /// Counts the times its connections went dead.
    cuts: watch::Sender<usize>,
}

impl Proxy {
    /// In front of a port on this machine.
    pub(crate) fn start(runtime: &Runtime, port: u16) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, cuts) = (listener.local_addr().unwrap(), watch::Sender::new(0));
        let tasks = TaskTracker::new();
        tasks.spawn_on(accept(listener, port, cuts.subscribe(), tasks.clone()), runtime.handle());
        Self { address, cuts }
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every connection there is goes dead.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn accept(listener: TcpListener, port: u16, cuts: watch::Receiver<usize>, tasks: TaskTracker) {
    while let Ok((client, _)) = listener.accept().await {
        // Cuts that were made before do not concern it.
        let mut cuts = cuts.clone();
        cuts.mark_unchanged();
        tasks.spawn(carry(client, port, cuts));
    }
}

async fn carry(mut client: TcpStream, port: u16, mut cuts: watch::Receiver<usize>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let cut = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        cut = cuts.changed() => cut.is_ok(),
    };
    if cut {
        // Both ends stay open, and hear nothing.
        std::future::pending::<()>().await;
    }
}
