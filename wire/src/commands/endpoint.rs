//! The endpoint to the Redis server that takes writes: one that is always the same, or the one Sentinel names now.
//!
//! `redis://user:password@host:6379/0`, `rediss://…` for TLS; and through Sentinel, with as many of them as there are,
//! `redis+sentinel://user:password@s1:26379,s2:26379/mymaster/0`, or `rediss+sentinel://…` where all of it is TLS.
//! Every connection asks anew and remembers which server it went to. Once another one has led to a new master, those to
//! the old one are no longer [current](Endpoint::is_current): it may still answer reads, cut off from those who depose it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bb8::ManageConnection;
use bb8_redis::RedisConnectionManager;
use redis::{AsyncConnectionConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, aio::MultiplexedConnection};

use super::{
    dial::{Moving, Trust, dial},
    error::{Error, PATIENCE},
    sentinel::{self, Sentinels},
};

/// How long the pool dials.
const SHORT: Duration = Duration::from_secs(1);
/// What the URL of one server looks like.
const SHAPE: &str = "must be redis://user:password@host:6379, with rediss in place of redis for TLS";

/// How to reach the server; clones share what they found out.
#[derive(Clone)]
pub(crate) struct Endpoint(Arc<Inner>);

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("addresses", &self.addresses()).finish_non_exhaustive()
    }
}

struct Inner {
    /// The server, or with Sentinel how to greet whichever it is.
    server: ConnectionInfo,
    /// Whom to trust in place of the public authorities.
    trust: Option<Trust>,
    sentinels: Option<Sentinels>,
    /// The server of the newest connection.
    latest: Mutex<Option<ConnectionAddr>>,
}

/// A connection, and where it went.
pub(crate) struct Dialled {
    moving: Moving,
    server: ConnectionAddr,
}

impl Dialled {
    pub(crate) fn connection(&mut self) -> &mut MultiplexedConnection {
        &mut self.moving.connection
    }
}

impl Endpoint {
    /// Reads a URL. `trust` takes the place of the public authorities; it needs TLS.
    pub(crate) fn new(url: &str, trust: Option<Trust>) -> Result<Self, Error> {
        let is_trusting = trust.is_some();
        let (server, sentinels) = read(url, is_trusting)?;
        let sentinels = sentinels.map(|(name, all)| Sentinels { name, all, trust: trust.clone() });
        Ok(Self(Arc::new(Inner { server, trust, sentinels, latest: Mutex::default() })))
    }

    /// A new connection; `response` is how long it waits for replies.
    pub(crate) async fn dial(&self, response: Option<Duration>) -> Result<Dialled, Error> {
        let config = AsyncConnectionConfig::new().set_response_timeout(response);
        let info = self.server().await?;
        let moving = dial(&info, self.0.trust.as_ref(), PATIENCE, config).await?;
        self.arrived(moving, &info).await
    }

    /// How to reach the server, asking Sentinel where there is one.
    async fn server(&self) -> Result<ConnectionInfo, Error> {
        let inner = &*self.0;
        match &inner.sentinels {
            None => Ok(inner.server.clone()),
            Some(sentinels) => Ok(sentinel::at(&inner.server, sentinels.master().await?)),
        }
    }

    async fn arrived(&self, mut moving: Moving, at: &ConnectionInfo) -> Result<Dialled, Error> {
        let server = at.addr().clone();
        if self.0.sentinels.is_some() {
            sentinel::require_master(&mut moving.connection, &server).await?;
        }
        *self.latest() = Some(server.clone());
        Ok(Dialled { moving, server })
    }

    /// Where a first connection goes, `(host, port)`: to the server, or to any of the Sentinels.
    pub(crate) fn addresses(&self) -> Vec<(String, u16)> {
        let sentinels = self.0.sentinels.iter().flat_map(|sentinels| &sentinels.all);
        let addresses: Vec<_> = sentinels.filter_map(address).collect();
        if self.0.sentinels.is_some() { addresses } else { address(&self.0.server).into_iter().collect() }
    }

    /// Whether a connection leads where the newest one does.
    pub(crate) fn is_current(&self, dialled: &Dialled) -> bool {
        self.0.sentinels.is_none() || self.latest().as_ref() == Some(&dialled.server)
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, Option<ConnectionAddr>> {
        self.0.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pool's side. It dials as bb8-redis does, whose connections wait half a second for a reply: whoever sends a short command
/// has others waiting. It looks at a connection each time it hands it out.
impl ManageConnection for Endpoint {
    type Connection = Dialled;
    type Error = Error;

    async fn connect(&self) -> Result<Dialled, Error> {
        let info = self.server().await?;
        let moving = match &self.0.trust {
            None => RedisConnectionManager::new(info.clone())?.connect().await?.into(),
            trust => dial(&info, trust.as_ref(), SHORT, AsyncConnectionConfig::new()).await?,
        };
        self.arrived(moving, &info).await
    }

    async fn is_valid(&self, dialled: &mut Dialled) -> Result<(), Error> {
        if !self.is_current(dialled) {
            return Err(Error::Moved);
        }
        Ok(redis::cmd("PING").query_async(dialled.connection()).await?)
    }

    fn has_broken(&self, _: &mut Dialled) -> bool {
        false
    }
}

fn address(info: &ConnectionInfo) -> Option<(String, u16)> {
    match info.addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => Some((host.clone(), *port)),
        _ => None,
    }
}

/// The name Sentinel knows a master by, and whom to ask.
type Watched = (String, Vec<ConnectionInfo>);

/// What a URL says: the server, and with Sentinel the master's name and whom to ask. `needs_tls` where somebody of one's own is to be
/// trusted.
pub(crate) fn read(url: &str, needs_tls: bool) -> Result<(ConnectionInfo, Option<Watched>), Error> {
    let (server, sentinels) = match sentinel::split(url)? {
        None => (url.into_connection_info().map_err(|_| Error::Url(SHAPE))?, None),
        Some(parts) => (parts.server()?, Some((parts.sentinels()?, parts.name))),
    };
    let is_plain = |info: &ConnectionInfo| !matches!(info.addr(), ConnectionAddr::TcpTls { .. });
    let asked = sentinels.iter().flat_map(|(all, _)| all);
    if needs_tls && asked.chain([&server]).any(is_plain) {
        return Err(Error::Url("names authorities to trust and has no TLS: begin it with rediss"));
    }
    Ok((server, sentinels.map(|(all, name)| (name, all))))
}
