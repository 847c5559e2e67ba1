//! What goes wrong with Redis, and with what is read from it.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// How long a command that does not block may take before its connection is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What Redis, or the endpoint to it, answered instead of what was asked.
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
    /// A URL that names no endpoint to Redis. It is not quoted: it may hold a password.
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

    pub(crate) fn is_group_there(&self) -> bool {
        matches!(self, Self::Redis(why) if why.code() == Some("BUSYGROUP"))
    }
}

/// Why an entry of a results stream cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unparsed {
    /// Written by a newer probe, or by nobody of ours.
    #[error("results of version `{0}`: this control reads version 1; upgrade control before its probes")]
    Version(String),
    /// Neither `o` nor `f`.
    #[error("a results entry with neither outcomes nor facts")]
    Empty,
    /// Not what its version promises.
    #[error("results that do not decode: {0}")]
    Malformed(String),
    /// More than anybody of ours writes; nothing of it was decoded.
    #[error("a results entry of {0}")]
    TooMuch(String),
}
