//! No more than so many checks at once against one host, so that a probe is no burden to whom it watches.
//!
//! A host is `host:port` of the job's URL; where redirects lead is not counted. Knows nothing of jobs or deadlines.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

type Key = (Box<str>, u16);

/// The hosts being checked now. Those nobody checks or waits for have no entry.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// 0 means no limit.
    limit: usize,
    busy: Mutex<HashMap<Key, Busy>>,
}

#[derive(Debug)]
struct Busy {
    places: Arc<Semaphore>,
    /// Checks running and waiting.
    visits: usize,
}

/// One check's visit, waiting or running; the host is forgotten with its last one.
#[derive(Debug)]
pub(crate) struct Visit {
    hosts: Arc<Hosts>,
    key: Key,
    places: Arc<Semaphore>,
}

/// A place at a host, or no limit to have a place under.
#[derive(Debug)]
pub(crate) struct Place {
    /// Before the visit, since fields drop in order: the place is given back before the entry can go.
    _permit: Option<OwnedSemaphorePermit>,
    _visit: Option<Visit>,
}

impl Hosts {
    /// At most `limit` at once per host; 0 for no limit.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, busy: Mutex::default() }
    }

    /// Waits for a place at the host of `url`, first come first served. Dropping the future gives up the wait.
    pub(crate) async fn place(self: &Arc<Self>, url: &Url) -> Place {
        if self.limit == 0 {
            return Place { _permit: None, _visit: None };
        }
        let visit = self.visit(url);
        // These semaphores are never closed, so there is always a permit in the end.
        let permit = Arc::clone(&visit.places).acquire_owned().await.ok();
        Place { _permit: permit, _visit: Some(visit) }
    }

    fn visit(self: &Arc<Self>, url: &Url) -> Visit {
        let key = (url.host_str().unwrap_or_default().into(), url.port_or_known_default().unwrap_or_default());
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Busy { places: Arc::new(Semaphore::new(self.limit)), visits: 0 };
        let host = busy.entry(Key::clone(&key)).or_insert_with(fresh);
        host.visits += 1;
        Visit { hosts: Arc::clone(self), key, places: Arc::clone(&host.places) }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut busy = self.hosts.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = busy.get_mut(&self.key) {
            host.visits -= 1;
            if host.visits == 0 {
                busy.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_has_so_many_places_and_is_forgotten_after() {
        let hosts = Arc::new(Hosts::new(2));
        let a = url("http://a.example/x");
        let first = hosts.place(&a).now_or_never().unwrap();
        let second = hosts.place(&url("http://a.example:80/y")).now_or_never().unwrap();
        assert!(hosts.place(&a).now_or_never().is_none(), "the third waits");
        assert!(hosts.place(&url("https://a.example/")).now_or_never().is_some(), "another port is another host");
        drop(first);
        assert!(hosts.place(&a).now_or_never().is_some());
        drop(second);
        assert!(hosts.busy.lock().unwrap().is_empty(), "given up waits and ended checks leave nothing");
    }

    #[test]
    fn no_limit_keeps_no_books() {
        let hosts = Arc::new(Hosts::new(0));
        let places: Vec<_> = (0..100).map(|_| hosts.place(&url("http://a.example/")).now_or_never().unwrap()).collect();
        assert!(hosts.busy.lock().unwrap().is_empty());
        drop(places);
    }
}
