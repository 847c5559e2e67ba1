//! A setting that is stored, but never printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token, a key, or a URL that holds one. `Debug` hides it, and it serializes only to be sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden<T>(T);

impl<T> Hidden<T> {
    /// The thing itself, for the one call that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Hidden<T> {
    fn from(thing: T) -> Self {
        Self(thing)
    }
}

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
