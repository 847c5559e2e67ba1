//! Who may be connected: so many in all, so many from one address. Whoever has not said what they want yet makes room for
//! somebody new when all places are taken, the longest first.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::rate::network;

/// How often the log says that connections are refused.
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// The places of one listener.
pub(crate) struct Places {
    total: Arc<Semaphore>,
    each: usize,
    exempt: Vec<IpNet>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: u64,
    held: HashMap<IpAddr, usize>,
    /// Connections that have not sent a request yet, in the order they came.
    silent: BTreeMap<u64, CancellationToken>,
    said: Option<Instant>,
}

/// One connection's place; free again when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    address: Option<IpAddr>,
    /// Cancelled when it has to make room.
    gone: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// `total` in all and `each` for one address (0: no limit); addresses in `exempt` are proxies, behind which are many.
    pub(crate) fn new(total: usize, each: usize, exempt: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { total: Arc::new(Semaphore::new(total)), each, exempt, state: Mutex::default() })
    }

    /// A place for `peer`; none where its address has all it may have.
    pub(crate) async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let is_counted = self.each > 0 && !self.exempt.iter().any(|network| network.contains(&peer));
        let address = is_counted.then(|| network(peer));
        if address.is_some_and(|address| !self.has_room(address)) {
            return None;
        }
        let free = self.total.clone().try_acquire_owned().ok();
        let permit = if let Some(permit) = free {
            permit
        } else {
            self.make_room();
            self.total.clone().acquire_owned().await.ok()?
        };
        Some(self.enter(address, permit))
    }

    fn has_room(&self, address: IpAddr) -> bool {
        let mut state = self.state();
        let has_room = state.held.get(&address).is_none_or(|held| *held < self.each);
        if !has_room && state.said.is_none_or(|said| said.elapsed() > SAY_AGAIN) {
            state.said = Some(Instant::now());
            tracing::warn!(
                %address,
                connections = self.each,
                "an address has all the connections it may have, and gets no more: if it is a proxy of yours, name it in http.trusted_proxies"
            );
        }
        has_room
    }

    fn make_room(&self) {
        if let Some((_, oldest)) = self.state().silent.pop_first() {
            oldest.cancel();
        }
    }

    fn enter(self: &Arc<Self>, address: Option<IpAddr>, permit: OwnedSemaphorePermit) -> Place {
        let gone = CancellationToken::new();
        let mut state = self.state();
        state.taken += 1;
        let number = state.taken;
        state.silent.insert(number, gone.clone());
        if let Some(address) = address {
            *state.held.entry(address).or_default() += 1;
        }
        drop(state);
        Place { places: self.clone(), number, address, gone, _permit: permit }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It has sent a request: from now on it keeps its place.
    pub(crate) fn spoke(&self) {
        self.places.state().silent.remove(&self.number);
    }

    /// Until it has to make room for somebody else.
    pub(crate) async fn lost(&self) {
        self.gone.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state();
        state.silent.remove(&self.number);
        let Some(address) = self.address else { return };
        if let Some(held) = state.held.get_mut(&address) {
            *held -= 1;
            if *held == 0 {
                state.held.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn an_address_has_so_many_and_a_proxy_as_many_as_it_likes() {
        let places = Places::new(100, 2, vec!["10.0.0.0/8".parse().unwrap()]);
        let first = places.take(ip("2001:db8::1")).await;
        let second = places.take(ip("2001:db8::2")).await;
        assert!(first.is_some() && second.is_some());
        assert!(places.take(ip("2001:db8::3")).await.is_none(), "one /64 is one address");
        assert!(places.take(ip("2001:db8:0:1::3")).await.is_some());
        drop(first);
        assert!(places.take(ip("2001:db8::3")).await.is_some());
        let mut held = Vec::new();
        for _ in 0..50 {
            held.extend(places.take(ip("::ffff:10.0.0.1")).await);
        }
        assert_eq!(held.len(), 50);
        assert_eq!(places.state().held.len(), 1, "what nobody holds is forgotten");
    }

    #[tokio::test]
    async fn the_longest_silent_one_makes_room() {
        let places = Places::new(2, 0, Vec::new());
        let talks = places.take(ip("192.0.2.1")).await.unwrap();
        let silent = places.take(ip("192.0.2.2")).await.unwrap();
        talks.spoke();
        let leaves = async {
            silent.lost().await;
            drop(silent);
        };
        let (new, ()) = tokio::join!(places.take(ip("192.0.2.3")), leaves);
        assert!(new.is_some() && !talks.gone.is_cancelled());
    }
}
