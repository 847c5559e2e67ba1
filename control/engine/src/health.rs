//! What `/readyz` says: named conditions, set by whoever is responsible for them. It knows no dependency by itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The conditions of this replica; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, Result<(), String>>>>);

impl Health {
    /// Sets a condition. The error is a sentence for whoever is called at night: what is wrong, with figures.
    pub fn set(&self, condition: &str, state: Result<(), String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(condition.to_owned(), state);
    }

    /// Takes a condition away, such as that of a lane this replica no longer works on.
    pub fn clear(&self, condition: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(condition);
    }

    /// All conditions, by name.
    pub fn conditions(&self) -> BTreeMap<String, Result<(), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
