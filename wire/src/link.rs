//! Connections to Redis. Short commands share a pool; every blocking read and every `WATCH` has a line of its own,
//! since blocking, and watching, is state of a connection.

use std::time::Duration;

use redis::{ErrorKind, Pipeline, RedisError, ServerErrorKind, aio::MultiplexedConnection};

use crate::way::{Dialled, Way};

/// How long a command that does not block may take before its connection is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What Redis, or the way to it, answered instead of what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused, unreachable, timed out, or an error reply.
    #[error("redis: {0}")]
    Redis(#[from] RedisError),
    /// No connection became free in the pool in time.
    #[error("redis: no connection within {}s", PATIENCE.as_secs())]
    Busy,
    /// A reply of another shape than documented.
    #[error("redis: unexpected reply to {0}")]
    Shape(&'static str),
    /// A URL that names no way to Redis. It is not quoted: it may hold a password.
    #[error("redis: the URL {0}")]
    Url(&'static str),
    /// No Sentinel names a master of this name, and why.
    #[error("redis: no sentinel names the master {0}: {1}")]
    NoMaster(String, String),
    /// What Sentinel names does not call itself master: it is being promoted, or was just deposed.
    #[error("redis: {0} is not the master (yet, or any more)")]
    NotMaster(String),
    /// The connection leads to a server that is no longer the master.
    #[error("redis: the master is another server now")]
    Moved,
}

impl Error {
    /// The group, or its stream, is gone: create it again and go on.
    pub fn is_group_gone(&self) -> bool {
        matches!(self, Self::Redis(why) if matches!(why.code(), Some("NOGROUP" | "UNBLOCKED")))
    }

    /// The ACL user may not do this.
    pub fn is_no_permission(&self) -> bool {
        matches!(self, Self::Redis(why) if why.kind() == ErrorKind::Server(ServerErrorKind::NoPerm))
    }

    /// The server has no memory left, or is otherwise not taking writes now. The connection itself is fine.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Redis(why) if !why.is_io_error() && !why.is_connection_dropped())
    }

    fn is_group_there(&self) -> bool {
        matches!(self, Self::Redis(why) if why.code() == Some("BUSYGROUP"))
    }
}

/// Connections to the Redis server that takes writes.
#[derive(Clone, Debug)]
pub struct Link {
    way: Way,
    pool: bb8::Pool<Way>,
}

impl Link {
    /// Whether `url` can be dialled at all, trusting `ca`, without dialling it.
    pub fn check(url: &str, ca: Option<&str>) -> Result<(), Error> {
        Way::new(url, ca).map(drop)
    }

    /// Where `url` is dialled first, `(host, port)`: at one place, or at each of the Sentinels.
    pub fn doors(url: &str) -> Result<Vec<(String, u16)>, Error> {
        Ok(Way::new(url, None)?.doors())
    }

    /// A link to `url`: `redis://`, `rediss://`, or either with `+sentinel`. Nothing is dialled yet; a bad URL is an
    /// error now. To be called on a tokio runtime: the pool looks after itself there.
    pub fn new(url: &str, connections: u32) -> Result<Self, Error> {
        Self::trusting(url, None, connections)
    }

    /// The same over TLS, trusting the authorities of the PEM text `ca` and no others.
    pub fn trusting(url: &str, ca: Option<&str>, connections: u32) -> Result<Self, Error> {
        let way = Way::new(url, ca)?;
        let pool = bb8::Pool::builder().max_size(connections).connection_timeout(PATIENCE).build_unchecked(way.clone());
        Ok(Self { way, pool })
    }

    /// A line from the pool, for short commands.
    pub async fn short(&self) -> Result<Line, Error> {
        match self.pool.get_owned().await {
            Ok(pooled) => Ok(self.line(Connection::Pooled(pooled))),
            Err(bb8::RunError::User(why)) => Err(why),
            Err(bb8::RunError::TimedOut) => Err(Error::Busy),
        }
    }

    /// A line of one's own, for `WATCH` and for work where order matters.
    pub async fn own(&self) -> Result<Line, Error> {
        Ok(self.line(Connection::Own(self.way.dial(Some(PATIENCE)).await?)))
    }

    /// A line of one's own without response timeout, for reads that block.
    pub async fn blocking(&self) -> Result<Line, Error> {
        Ok(self.line(Connection::Own(self.way.dial(None).await?)))
    }

    fn line(&self, connection: Connection) -> Line {
        Line { connection, way: self.way.clone() }
    }
}

/// One connection, held by one task.
pub struct Line {
    connection: Connection,
    way: Way,
}

enum Connection {
    Own(Dialled),
    Pooled(bb8::PooledConnection<'static, Way>),
}

impl Line {
    pub(crate) fn connection(&mut self) -> &mut MultiplexedConnection {
        match &mut self.connection {
            Connection::Own(dialled) => &mut dialled.connection,
            Connection::Pooled(pooled) => &mut pooled.connection,
        }
    }

    /// An error once the master is known to be another server. For who only reads: writes are refused where they should
    /// not go, reads are answered with what was there once.
    pub(crate) fn require_current(&self) -> Result<(), Error> {
        let dialled = match &self.connection {
            Connection::Own(dialled) => dialled,
            Connection::Pooled(pooled) => pooled,
        };
        if self.way.is_current(dialled) { Ok(()) } else { Err(Error::Moved) }
    }

    /// Redis `TIME` in milliseconds. <https://redis.io/docs/latest/commands/time/>
    pub async fn time_ms(&mut self) -> Result<i64, Error> {
        let (seconds, micros): (i64, i64) = redis::cmd("TIME").query_async(self.connection()).await?;
        Ok(seconds * 1000 + micros / 1000)
    }

    /// Creates `group` on `stream` at `0`, and the stream with it; that it is there already is fine.
    /// At `0`, not `$`: what was pushed between a loss and this call would be lost to the region.
    pub(crate) async fn create_group(&mut self, stream: &str, group: &str) -> Result<(), Error> {
        let created: Result<(), _> =
            redis::cmd("XGROUP").arg(&["CREATE", stream, group, "0", "MKSTREAM"]).query_async(self.connection()).await;
        match created.map_err(Error::from) {
            Err(why) if why.is_group_there() => Ok(()),
            other => other,
        }
    }

    /// Runs a pipeline; the first error reply among many is the error.
    pub(crate) async fn run<T: redis::FromRedisValue>(&mut self, pipe: &Pipeline) -> Result<T, Error> {
        let replies: Result<T, RedisError> = pipe.query_async(self.connection()).await;
        replies.map_err(|why| match why.clone().into_server_errors().as_deref() {
            Some([(_, first), ..]) => RedisError::from(first.clone()).into(),
            _ => why.into(),
        })
    }
}
