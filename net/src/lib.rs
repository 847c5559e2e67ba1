//! Judge, resolve, connect, TLS: the one dialler of the product.
//!
//! Four steps, each awaited (and so timed, and given its share of a deadline) by the caller:
//!
//! ```no_run
//! # async fn example(net: net::Net) -> Result<(), Box<dyn std::error::Error>> {
//! let found = net.resolve("example.com", net::Family::Any).await?;
//! let admitted = net.admit(&found)?;
//! let connected = net.connect(&admitted, 443).await?;
//! let tls = net.handshake(connected.tcp, "example.com", &net::TlsSettings::default()).await?;
//! # Ok(()) }
//! ```
//!
//! Addresses are judged after resolution, and [`Net::connect`] takes nothing but [`Admitted`] ones: there is no second lookup between the
//! judgement and the connection, so a name cannot change its mind in between (DNS rebinding).
//! A caller that follows redirects walks all four steps again for every hop.
//!
//! Deliberately absent: HTTP, Redis, jobs, outcomes and timeouts. A deadline belongs to the caller, who wraps each step in one and knows by
//! the step it was in what timed out; every future here may be dropped at any await.

mod connect;
mod judge;
mod resolve;
mod tls;

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;

pub use connect::{ConnectError, Connected, io_words};
pub use judge::{Admitted, Guard, Refused};
pub use resolve::{Family, ResolveError, Resolver, ResolverConfigError, literal};
pub use tls::{
    AuthoritiesError, Leaf, LeafFacts, Tls, TlsConfigError, TlsConnection, TlsError, TlsFacts, TlsSettings, TlsStream,
    Unsecured, authorities, client_config,
};

/// The dialler: who may be dialled, how names become addresses, whom TLS trusts. Cheap to clone; all clones share the caches.
#[derive(Clone, Debug)]
pub struct Net {
    guard: Guard,
    resolver: Resolver,
    tls: Tls,
}

impl Net {
    /// Puts the three together; each is built (and its configuration refused) by itself.
    pub fn new(guard: Guard, resolver: Resolver, tls: Tls) -> Self {
        Self { guard, resolver, tls }
    }

    /// Step 1, see [`Resolver::resolve`]. For an address written out ([`literal`]) nothing is looked up, so there is no time to measure.
    pub async fn resolve(&self, host: &str, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        self.resolver.resolve(host, family).await
    }

    /// Step 2, see [`Guard::admit`]: keeps the addresses that may be dialled; an error when that is none of them.
    pub fn admit(&self, addresses: &[IpAddr]) -> Result<Admitted, Refused> {
        self.guard.admit(addresses)
    }

    /// Step 3: a TCP connection (no delay) to the first admitted address that answers. When one has not answered after 250 ms, or as soon as
    /// it fails, the next is tried beside it ("happy eyeballs", RFC 8305); the winner is named in [`Connected`].
    pub async fn connect(&self, admitted: &Admitted, port: u16) -> Result<Connected, ConnectError> {
        connect::first(admitted, port).await
    }

    /// Step 4, see [`Tls::handshake`].
    pub async fn handshake(
        &self,
        tcp: TcpStream,
        host: &str,
        settings: &TlsSettings,
    ) -> Result<TlsConnection, TlsError> {
        self.tls.handshake(tcp, host, settings).await
    }

    /// The same, see [`Tls::handshake_shown`]. A server that goes away at our hello is asked once more, at the same address, whether it
    /// speaks what we do not: then it is [`TlsError::Unsupported`].
    pub async fn handshake_shown(
        &self,
        tcp: TcpStream,
        host: &str,
        settings: &TlsSettings,
    ) -> Result<TlsConnection, Unsecured> {
        let peer = tcp.peer_addr();
        let mut refused = match self.tls.handshake_shown(tcp, host, settings).await {
            Ok(connection) => return Ok(connection),
            Err(refused) => refused,
        };
        // The very address that was admitted and dialled before.
        if let (true, Ok(peer)) = (refused.at_hello, peer)
            && let Ok(tcp) = TcpStream::connect(peer).await
            && let Some(error) = self.tls.is_older(tcp, host).await
        {
            refused.error = error;
        }
        Err(refused)
    }

    /// The name servers asked, see [`Resolver::servers`].
    pub fn servers(&self) -> Vec<SocketAddr> {
        self.resolver.servers()
    }

    /// Whether a name server ever answered, see [`Resolver::has_answered`].
    pub fn has_names(&self) -> bool {
        self.resolver.has_answered()
    }

    /// The judge alone, for addresses that come from elsewhere.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The TLS side alone, for checking settings before they are stored ([`Tls::check`]).
    pub fn tls(&self) -> &Tls {
        &self.tls
    }
}
