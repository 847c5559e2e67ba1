//! The endpoint to the Redis server that takes writes: one that is always the same, or the one Sentinel names now.
//!
//! `redis://user:password@host:6379/0`, `rediss://…` for TLS; and through Sentinel, with as many of them as there are,
//! `redis+sentinel://user:password@s1:26379,s2:26379/mymaster/0`, or `rediss+sentinel://…` where all of it is TLS.
//! Every connection asks anew and remembers which server it went to. Once another one has led to a new master, those to
//! the old one are no longer [current](Endpoint::is_current): it may still answer reads, cut off from those who depose it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bb8::ManageConnection;
use bb8_redis::RedisConnectionManager;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates,
    aio::MultiplexedConnection,
};

use super::{
    error::{Error, PATIENCE},
    sentinel::{self, Sentinels},
};

/// What the URL of one server looks like.
const SHAPE: &str = "must be redis://user:password@host:6379, with rediss in place of redis for TLS";

/// How to reach the server; clones share what they found out.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The server, or with Sentinel how to greet whichever it is.
    server: ConnectionInfo,
    sentinels: Option<Sentinels>,
    /// The server of the newest connection.
    latest: Mutex<Option<ConnectionAddr>>,
}

/// A connection, and where it went.
pub(crate) struct Dialled {
    pub(crate) connection: MultiplexedConnection,
    server: ConnectionAddr,
}

impl Endpoint {
    /// Reads a URL. `ca` is a PEM text of the only authorities to trust, in place of the public ones; it needs TLS.
    pub(crate) fn new(url: &str, ca: Option<&str>) -> Result<Self, Error> {
        let (server, sentinels) = match sentinel::split(url)? {
            None => (trusting(url.into_connection_info().map_err(|_| Error::Url(SHAPE))?, ca)?, None),
            Some(parts) => {
                let sentinels =
                    parts.sentinels()?.into_iter().map(|one| trusting(one, ca)).collect::<Result<_, _>>()?;
                let server = trusting(parts.server()?, ca)?;
                (server, Some(Sentinels { name: parts.name, sentinels }))
            }
        };
        Ok(Self(Arc::new(Inner { server, sentinels, latest: Mutex::default() })))
    }

    /// A new connection; `response` is how long it waits for replies.
    pub(crate) async fn dial(&self, response: Option<Duration>) -> Result<Dialled, Error> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(response);
        let info = self.server().await?;
        let connection = Client::open(info.clone())?.get_multiplexed_async_connection_with_config(&config).await?;
        self.arrived(connection, &info).await
    }

    /// How to reach the server, asking Sentinel where there is one.
    async fn server(&self) -> Result<ConnectionInfo, Error> {
        let inner = &*self.0;
        match &inner.sentinels {
            None => Ok(inner.server.clone()),
            Some(sentinels) => Ok(sentinel::at(&inner.server, sentinels.master().await?)),
        }
    }

    async fn arrived(&self, mut connection: MultiplexedConnection, at: &ConnectionInfo) -> Result<Dialled, Error> {
        let server = at.addr().clone();
        if self.0.sentinels.is_some() {
            sentinel::require_master(&mut connection, &server).await?;
        }
        *self.latest() = Some(server.clone());
        Ok(Dialled { connection, server })
    }

    /// Where a first connection goes, `(host, port)`: to the server, or to any of the Sentinels.
    pub(crate) fn addresses(&self) -> Vec<(String, u16)> {
        let sentinels = self.0.sentinels.iter().flat_map(|all| &all.sentinels);
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
        let connection = RedisConnectionManager::new(info.clone())?.connect().await?;
        self.arrived(connection, &info).await
    }

    async fn is_valid(&self, dialled: &mut Dialled) -> Result<(), Error> {
        if !self.is_current(dialled) {
            return Err(Error::Moved);
        }
        Ok(redis::cmd("PING").query_async(&mut dialled.connection).await?)
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

fn trusting(info: ConnectionInfo, ca: Option<&str>) -> Result<ConnectionInfo, Error> {
    let Some(ca) = ca else { return Ok(info) };
    let certificates = TlsCertificates { client_tls: None, root_cert: Some(ca.as_bytes().to_vec()) };
    Ok(Client::build_with_tls(info, certificates)?.get_connection_info().clone())
}
