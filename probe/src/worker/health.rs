//! What `/readyz` says of a lane: whether it joined its group, and whether Redis answers. Each outage is logged once
//! when it begins and once when it ends, however many connections notice it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which of a lane's connections speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Joins the groups, once, at the start.
    Joiner,
    /// Reads jobs.
    Taker,
    /// Renews and claims leases.
    Keeper,
    /// Reports outcomes.
    Reporter,
}

/// One lane's state.
#[derive(Debug)]
pub(crate) struct Health {
    lane: u16,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    joined: bool,
    /// Connections that do not work now, and what the first of them was told.
    down: Vec<Role>,
    why: String,
}

impl Health {
    /// Not joined yet.
    pub(crate) fn new(lane: u16) -> Self {
        Self { lane, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The groups are there.
    pub(crate) fn joined(&self) {
        self.state().joined = true;
    }

    /// `role` was refused or cut off.
    pub(crate) fn lost(&self, role: Role, why: &str) {
        let mut state = self.state();
        if state.down.is_empty() {
            why.clone_into(&mut state.why);
            tracing::warn!(lane = self.lane, why, "Redis does not do what it is asked: trying again until it does");
        }
        if !state.down.contains(&role) {
            state.down.push(role);
        }
    }

    /// `role` got its answer.
    pub(crate) fn works(&self, role: Role) {
        let mut state = self.state();
        if state.down.is_empty() {
            return;
        }
        state.down.retain(|each| *each != role);
        if state.down.is_empty() {
            tracing::info!(lane = self.lane, "Redis answers again");
        }
    }

    /// Why this lane is not ready, as a sentence; nothing if it is.
    pub(crate) fn trouble(&self) -> Option<String> {
        let state = self.state();
        match (state.down.is_empty(), state.joined) {
            (true, true) => None,
            (true, false) => Some(format!("lane {} has not joined its group yet", self.lane)),
            (false, _) => Some(format!("lane {} waits for Redis: {}", self.lane, state.why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_joined_and_every_connection_works() {
        let health = Health::new(0);
        assert!(health.trouble().unwrap().contains("has not joined"));
        health.joined();
        assert_eq!(health.trouble(), None);
        health.lost(Role::Taker, "refused");
        health.lost(Role::Keeper, "timed out");
        health.works(Role::Taker);
        assert_eq!(health.trouble().unwrap(), "lane 0 waits for Redis: refused");
        health.works(Role::Keeper);
        assert_eq!(health.trouble(), None);
    }
}
