//! What this worker holds of a lane: every job between its delivery and the moment Redis has its outcome.
//!
//! Being held is what makes a job ours. Its permit lies here, its lease is renewed from here, and only what is still
//! here may be reported: to give a job up (void, or its streams gone) is to remove it, and everything else follows.
//! The lock is held for a few map operations and never across an await.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use prometheus::IntGauge;
use tokio::{sync::OwnedSemaphorePermit, task::AbortHandle};
use wire::{Done, Kind, Lease, Streams};

/// One lane's held jobs, and the streams they are pending on.
#[derive(Debug)]
pub(crate) struct Ledger {
    state: Mutex<State>,
    inflight: IntGauge,
}

#[derive(Debug)]
struct State {
    streams: Arc<Streams>,
    held: HashMap<Lease, Held>,
    tickets: u64,
}

#[derive(Debug)]
struct Held {
    ticket: u64,
    since: Instant,
    /// None where nothing runs: the job is over, or not yet started.
    check: Option<AbortHandle>,
    _permit: OwnedSemaphorePermit,
}

/// One holding of a job. A job given up and delivered again gets another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    lease: Lease,
    number: u64,
    /// For the metrics; none where the job could not be read.
    pub(crate) kind: Option<Kind>,
}

/// A job that is over, on its way to Redis.
pub(crate) type Finished = (Ticket, Done);

impl Ledger {
    /// An empty ledger on `streams`.
    pub(crate) fn new(streams: Streams, inflight: IntGauge) -> Self {
        let state = State { streams: Arc::new(streams), held: HashMap::new(), tickets: 0 };
        Self { state: Mutex::new(state), inflight }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The streams now.
    pub(crate) fn streams(&self) -> Arc<Streams> {
        Arc::clone(&self.state().streams)
    }

    /// Holds a job that was read from `streams`. Nothing if it is held already (a lapsed lease claimed from oneself, a
    /// server that rolled back), or if the streams are others by now.
    pub(crate) fn admit(
        &self,
        streams: &Arc<Streams>,
        lease: Lease,
        kind: Option<Kind>,
        permit: OwnedSemaphorePermit,
    ) -> Option<Ticket> {
        let mut state = self.state();
        if !Arc::ptr_eq(&state.streams, streams) || state.held.contains_key(&lease) {
            return None;
        }
        state.tickets += 1;
        let ticket = Ticket { lease, number: state.tickets, kind };
        let since = Instant::now();
        state.held.insert(lease, Held { ticket: ticket.number, since, check: None, _permit: permit });
        self.inflight.inc();
        Some(ticket)
    }

    /// Notes the task that runs the check, so that giving the job up ends it. If it was given up already, it ends now.
    pub(crate) fn attach(&self, ticket: Ticket, check: AbortHandle) {
        match self.state().held.get_mut(&ticket.lease) {
            Some(held) if held.ticket == ticket.number => held.check = Some(check),
            _ => check.abort(),
        }
    }

    /// Lets go of what Redis has accepted.
    pub(crate) fn release(&self, tickets: impl IntoIterator<Item = Ticket>) {
        let mut state = self.state();
        let mut released = 0;
        for ticket in tickets {
            if let Entry::Occupied(held) = state.held.entry(ticket.lease)
                && held.get().ticket == ticket.number
            {
                held.remove();
                released += 1;
            }
        }
        self.inflight.sub(released);
    }

    /// Of `finished`, what is still held, and the streams it belongs to.
    pub(crate) fn still_held(&self, finished: &mut Vec<Finished>) -> Arc<Streams> {
        let state = self.state();
        finished.retain(|(ticket, _)| state.held.get(&ticket.lease).is_some_and(|held| held.ticket == ticket.number));
        Arc::clone(&state.streams)
    }

    /// What has been held since before `then`, for a renewal of its leases.
    pub(crate) fn held_since(&self, then: Instant) -> (Arc<Streams>, Vec<Lease>) {
        let state = self.state();
        let old = state.held.iter().filter(|(_, held)| held.since < then).map(|(lease, _)| *lease).collect();
        (Arc::clone(&state.streams), old)
    }

    /// Gives up everything held since before `then`: its checks end, its permits return, its leases lapse. Returns how many.
    pub(crate) fn give_up_before(&self, then: Instant) -> usize {
        let mut state = self.state();
        let before = state.held.len();
        state.held.retain(|_, held| held.since >= then || held.end());
        self.left(before, &state)
    }

    /// Takes up other streams, if they are others, and gives up everything held of the old. Returns whether they were.
    pub(crate) fn move_to(&self, streams: Streams) -> bool {
        let mut state = self.state();
        if *state.streams == streams {
            return false;
        }
        let before = state.held.len();
        state.held.retain(|_, held| held.end());
        state.streams = Arc::new(streams);
        self.left(before, &state);
        true
    }

    fn left(&self, before: usize, state: &State) -> usize {
        let gone = before - state.held.len();
        self.inflight.sub(gone as i64);
        gone
    }
}

impl Held {
    /// Ends what runs. Always `false`: it is not kept.
    fn end(&mut self) -> bool {
        if let Some(check) = self.check.take() {
            check.abort();
        }
        false
    }
}
