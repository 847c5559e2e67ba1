//! Connections to Redis. Short commands share a pool; every blocking read and every `WATCH` has a line of its own,
//! since blocking, and watching, is state of a connection.

use std::sync::Arc;

use redis::{Pipeline, RedisError, aio::MultiplexedConnection};
use tokio_rustls::rustls::ClientConfig;

use super::{
    endpoint::{self, Dialled, Endpoint},
    error::{Error, PATIENCE},
};

/// Connections to the Redis server that takes writes.
#[derive(Clone, Debug)]
pub struct Link {
    endpoint: Endpoint,
    pool: bb8::Pool<Endpoint>,
}

impl Link {
    /// Whether `url` can be dialled at all, without dialling it; only over TLS where it `needs_tls`.
    pub fn check(url: &str, needs_tls: bool) -> Result<(), Error> {
        endpoint::read(url, needs_tls).map(drop)
    }

    /// Where `url` is dialled first, `(host, port)`: at one place, or at each of the Sentinels.
    pub fn addresses(url: &str) -> Result<Vec<(String, u16)>, Error> {
        Ok(Endpoint::new(url, None)?.addresses())
    }

    /// A link to `url`: `redis://`, `rediss://`, or either with `+sentinel`. Nothing is dialled yet; a bad URL is an
    /// error now. To be called on a tokio runtime: the pool looks after itself there.
    pub fn new(url: &str, connections: u32) -> Result<Self, Error> {
        Self::trusting(url, None, connections)
    }

    /// The same over TLS, trusting whom `trust` trusts and nobody else.
    pub fn trusting(url: &str, trust: Option<Arc<ClientConfig>>, connections: u32) -> Result<Self, Error> {
        let endpoint = Endpoint::new(url, trust)?;
        let pool =
            bb8::Pool::builder().max_size(connections).connection_timeout(PATIENCE).build_unchecked(endpoint.clone());
        Ok(Self { endpoint, pool })
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
        Ok(self.line(Connection::Own(self.endpoint.dial(Some(PATIENCE)).await?)))
    }

    /// A line of one's own without response timeout, for reads that block.
    pub async fn blocking(&self) -> Result<Line, Error> {
        Ok(self.line(Connection::Own(self.endpoint.dial(None).await?)))
    }

    fn line(&self, connection: Connection) -> Line {
        Line { connection, endpoint: self.endpoint.clone() }
    }
}

/// One connection, held by one task.
pub struct Line {
    connection: Connection,
    endpoint: Endpoint,
}

enum Connection {
    Own(Dialled),
    Pooled(bb8::PooledConnection<'static, Endpoint>),
}

impl Line {
    pub(crate) fn connection(&mut self) -> &mut MultiplexedConnection {
        match &mut self.connection {
            Connection::Own(dialled) => dialled.connection(),
            Connection::Pooled(pooled) => pooled.connection(),
        }
    }

    /// An error once the master is known to be another server. For who only reads: writes are refused where they should
    /// not go, reads are answered with what was there once.
    pub(crate) fn require_current(&self) -> Result<(), Error> {
        let dialled = match &self.connection {
            Connection::Own(dialled) => dialled,
            Connection::Pooled(pooled) => pooled,
        };
        if self.endpoint.is_current(dialled) { Ok(()) } else { Err(Error::Moved) }
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
