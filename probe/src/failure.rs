//! Why a process did not run to its end.

/// Each kind has an exit code of its own: 64 or 1.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What it was told cannot be done; the sentence names the key.
    Config(String),
    /// Something broke.
    Crash(String),
}

impl From<net::AuthoritiesError> for Failure {
    fn from(why: net::AuthoritiesError) -> Self {
        Self::Config(why.to_string())
    }
}
