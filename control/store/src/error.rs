//! What PostgreSQL, or the way to it, answered instead of what was asked.

use deadpool_postgres::PoolError;
use domain::fields::Problem;
use tokio_postgres::error::SqlState;

/// Why a store function has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL cannot be reached, is shutting down or has no connection free: worth trying again soon.
    #[error("postgresql is not available: {0}")]
    Unavailable(String),
    /// A unique constraint refused the row; its name.
    #[error("a row like this is there already ({0})")]
    Conflict(String),
    /// A row that must be there is not.
    #[error("postgresql has no such {0}")]
    Missing(&'static str),
    /// A column holds what this version cannot read: a word it does not know, a text of another shape.
    #[error("postgresql: column {column} holds no {kind}: {why}")]
    Undecodable {
        /// Its name.
        column: &'static str,
        /// What it should hold.
        kind: &'static str,
        /// What was found, or what is wrong with it.
        why: String,
    },
    /// Anything else it said.
    #[error("postgresql: {}", in_full(.0))]
    Postgres(tokio_postgres::Error),
}

impl Error {
    /// Whether trying again soon can help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether it is what was to be stored that PostgreSQL refuses, and would refuse again: data, integrity, limits.
    pub fn is_content(&self) -> bool {
        let Self::Postgres(why) = self else { return matches!(self, Self::Conflict(_)) };
        why.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.code().starts_with(class)))
    }

    /// Whether the row is refused since `constraint` has one like it.
    pub fn is_conflict(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict(name) if name == constraint)
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(why: tokio_postgres::Error) -> Self {
        let Some(said) = why.as_db_error() else {
            return if is_ours(&why) { Self::Postgres(why) } else { Self::Unavailable(in_full(&why)) };
        };
        if said.code() == &SqlState::UNIQUE_VIOLATION {
            return Self::Conflict(said.constraint().unwrap_or_default().to_owned());
        }
        if passes(said.code()) { Self::Unavailable(in_full(&why)) } else { Self::Postgres(why) }
    }
}

impl From<PoolError> for Error {
    fn from(why: PoolError) -> Self {
        match why {
            PoolError::Backend(why) => why.into(),
            why => Self::Unavailable(why.to_string()),
        }
    }
}

/// Why something that people asked for was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It asks for something that is not there.
    #[error("{}", .0.iter().map(|problem| problem.detail.as_str()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<tokio_postgres::Error> for Refused {
    fn from(why: tokio_postgres::Error) -> Self {
        Self::Store(why.into())
    }
}

/// Codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html> that pass by themselves.
fn passes(code: &SqlState) -> bool {
    let passing = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::QUERY_CANCELED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    passing.contains(code) || code.code().starts_with("08")
}

/// Not a word from the server, and not the connection either: asked or read wrongly by us. tokio-postgres tells these
/// apart only in words.
fn is_ours(why: &tokio_postgres::Error) -> bool {
    const OURS: [&str; 7] = [
        "error serializing",
        "error deserializing",
        "error encoding",
        "invalid column",
        "invalid configuration",
        "expected ",
        "query returned an unexpected",
    ];
    OURS.iter().any(|ours| why.to_string().starts_with(ours))
}

/// tokio-postgres tells only "db error" unless asked for the source.
fn in_full(why: &tokio_postgres::Error) -> String {
    match std::error::Error::source(why) {
        Some(source) => format!("{why}: {source}"),
        None => why.to_string(),
    }
}
