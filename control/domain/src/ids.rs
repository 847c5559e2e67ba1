//! Ids of what belongs to people. Each is a type of its own, so that two of them cannot be swapped.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one; later ones sort behind earlier ones.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A tenant.
    OrgId
    /// A person.
    UserId
    /// Where alerts go.
    ChannelId
    /// Whom to tell, and of what.
    PolicyId
    /// One sign-in of a person: the family of refresh tokens that descend from it.
    SignInId
    /// What a program signs in with.
    ApiKeyId
}

/// What a member may do; each role may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Change monitors and answer incidents.
    Editor,
    /// Change members, channels and keys.
    Admin,
    /// Everything, the organisation's end included.
    Owner,
}

wire::words!(Role { Viewer = "viewer", Editor = "editor", Admin = "admin", Owner = "owner" });
