//! Connections to Redis. Short commands share a pool; every blocking read and every `WATCH` has a line of its own,
//! since blocking, and watching, is state of a connection.

use std::time::Duration;

use bb8_redis::RedisConnectionManager;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, Pipeline, RedisError, ServerErrorKind, aio::MultiplexedConnection,
};

/// How long a command that does not block may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// The way to one Redis server.
#[derive(Clone, Debug)]
pub struct Link {
    client: Client,
    pool: bb8::Pool<RedisConnectionManager>,
}

impl Link {
    /// Whether `url` can be dialled at all, without dialling it.
    pub fn check(url: &str) -> Result<(), Error> {
        Ok(Client::open(url).map(drop)?)
    }

    /// A link to `url` (`redis://` or `rediss://`). Nothing is dialled yet; a bad URL is an error now.
    /// To be called on a tokio runtime: the pool looks after itself there.
    pub fn new(url: &str, connections: u32) -> Result<Self, Error> {
        let pool = bb8::Pool::builder()
            .max_size(connections)
            .connection_timeout(PATIENCE)
            .build_unchecked(RedisConnectionManager::new(url)?);
        Ok(Self { client: Client::open(url)?, pool })
    }

    /// A line from the pool, for short commands.
    pub async fn short(&self) -> Result<Line, Error> {
        match self.pool.get_owned().await {
            Ok(pooled) => Ok(Line(Connection::Pooled(pooled))),
            Err(bb8::RunError::User(why)) => Err(why.into()),
            Err(bb8::RunError::TimedOut) => Err(Error::Busy),
        }
    }

    /// A line of one's own, for `WATCH` and for work where order matters.
    pub async fn own(&self) -> Result<Line, Error> {
        self.dial(Some(PATIENCE)).await
    }

    /// A line of one's own without response timeout, for reads that block.
    pub async fn blocking(&self) -> Result<Line, Error> {
        self.dial(None).await
    }

    async fn dial(&self, response: Option<Duration>) -> Result<Line, Error> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(response);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Line(Connection::Own(connection)))
    }
}

/// One connection, held by one task.
pub struct Line(Connection);

enum Connection {
    Own(MultiplexedConnection),
    Pooled(bb8::PooledConnection<'static, RedisConnectionManager>),
}

impl Line {
    pub(crate) fn connection(&mut self) -> &mut MultiplexedConnection {
        match &mut self.0 {
            Connection::Own(connection) => connection,
            Connection::Pooled(pooled) => pooled,
        }
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
        Ok(pipe.query_async(self.connection()).await?)
    }
}
