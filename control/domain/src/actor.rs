//! Who does something, and how others see them.

use uuid::Uuid;

use crate::ids::{ApiKeyId, SignInId, UserId};

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, by one of their sign-ins.
    Person(UserId, SignInId),
    /// A program, by a key of its organisation.
    Key(ApiKeyId),
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Who.
    pub who: Actor,
    /// Unix seconds.
    pub at: i64,
}

impl Actor {
    /// The person's or the key's: no two of them share one.
    pub fn id(self) -> Uuid {
        match self {
            Self::Person(user, _) => user.0,
            Self::Key(key) => key.0,
        }
    }

    /// Who, where it is a person.
    pub fn person(self) -> Option<UserId> {
        match self {
            Self::Person(user, _) => Some(user),
            Self::Key(_) => None,
        }
    }

    /// Which, where it is a key.
    pub fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::Person(..) => None,
            Self::Key(key) => Some(key),
        }
    }
}

/// Who did something, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// The person's id or the key's.
    pub id: Uuid,
    /// Whether it was a key.
    pub is_key: bool,
    /// What they are called: a name or else an e-mail address; "API key" and its name.
    pub name: String,
}
