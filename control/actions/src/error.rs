//! Why something was not done.

use domain::fields::Problem;
use store::Refused;

use crate::budget::Short;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, or not theirs.
    #[error("there is nothing here, or it is not yours")]
    NotFound,
    /// They may not; a sentence.
    #[error("{0}")]
    Forbidden(String),
    /// Every bad field.
    #[error("{} fields are not right", .0.len())]
    Invalid(Vec<Problem>),
    /// Something is in the way; a sentence.
    #[error("{0}")]
    Conflict(String),
    /// A budget is spent.
    #[error("{0}")]
    Spent(Short),
    /// Redis takes too long.
    #[error("{0}")]
    Busy(String),
    /// Something is not as it must be; a sentence.
    #[error("{0}")]
    Internal(String),
    /// PostgreSQL did not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Redis did not do it.
    #[error(transparent)]
    Redis(#[from] wire::Error),
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Short> for Error {
    fn from(short: Short) -> Self {
        Self::Spent(short)
    }
}

impl From<Refused> for Error {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Invalid(problems) => Self::Invalid(problems),
            Refused::Store(why) => Self::Store(why),
        }
    }
}

impl From<store::DriverError> for Error {
    fn from(why: store::DriverError) -> Self {
        Self::Store(why.into())
    }
}
