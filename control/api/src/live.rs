//! What dashboards are told as it happens: every replica reads the one Redis stream of notices once, and hands what it read
//! to whoever listens here.
//!
//! It does not know what the events mean, nor how a listener is answered.

mod wants;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use channels::live::{Publisher, Silence, resync};
use tokio::{
    sync::{Notify, broadcast, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use wire::{EntryId, Line, LiveEntry, LiveNotice};

pub use wants::{Levels, Monitors, Wants};

/// Entries a listener may be behind before it has to start again.
const BEHIND: usize = 1_024;
/// Entries of a read.
const ENTRIES: usize = 256;
const BLOCK: Duration = Duration::from_secs(5);
/// A blocking read has no response timeout; one this much overdue is on a connection that died without a word.
const OVERDUE: Duration = Duration::from_secs(5);
/// Rest after Redis failed.
const REST: Duration = Duration::from_secs(1);
/// How often we say that somebody looks at beats; it counts for three times as long.
const SAY: Duration = Duration::from_secs(10);
/// Listeners a person may have at once.
const SEATS: usize = 16;

/// The event that tells which lanes stand still, from this replica's own look: it must not need what may be broken.
pub const LANES: &str = "lanes";

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Told {
    /// Notices, and their place among all.
    Entry(EntryId, Arc<[LiveNotice]>),
    /// Something may be missing: go on from here.
    Gap(EntryId),
    /// The lanes are not what they were: the data of [`LANES`].
    Lanes(Arc<str>),
}

/// The way in and the ways out.
#[derive(Debug)]
pub struct Live {
    link: wire::Link,
    keys: wire::Keys,
    /// Of those who listen.
    pub tasks: Tasks,
    told: broadcast::Sender<Told>,
    publisher: Arc<Publisher>,
    first_watcher: Notify,
    seats: Mutex<HashMap<Uuid, usize>>,
    silence: watch::Receiver<Silence>,
}

/// The tasks of those who listen.
#[derive(Debug)]
pub struct Tasks {
    /// Cancelled when the process ends, and every listening with it.
    pub token: CancellationToken,
    /// Their owner.
    pub tracker: TaskTracker,
}

impl Live {
    /// Over `link`, on the stream of `keys`, which are those of lane 0, beside the `publisher` of this replica and what it
    /// says of silent lanes.
    pub fn new(
        (link, keys): (wire::Link, wire::Keys),
        publisher: Arc<Publisher>,
        silence: watch::Receiver<Silence>,
        tasks: Tasks,
    ) -> Self {
        let (told, seats) = (broadcast::Sender::new(BEHIND), Mutex::new(HashMap::new()));
        Self { link, keys, tasks, told, publisher, first_watcher: Notify::new(), seats, silence }
    }

    /// The newest place. An empty stream gets a first entry, so that every place is one that can be gone on from.
    pub async fn tail(&self) -> Result<EntryId, wire::Error> {
        let mut line = self.link.short().await?;
        if let Some(tail) = wire::live_tail(&mut line, &self.keys).await? {
            return Ok(tail);
        }
        Ok(wire::publish_live(&mut line, &self.keys, &[resync()]).await?.unwrap_or_default())
    }

    /// The entry at `place` and those after it, at most `count`; nothing where `place` is no longer, or never was, there.
    pub async fn since(&self, place: EntryId, count: usize) -> Result<Option<Vec<LiveEntry>>, wire::Error> {
        wire::live_since(&mut self.link.short().await?, &self.keys, place, count).await
    }

    /// A seat to listen from; none where the person, or the key, has too many. `who`: their id.
    pub fn subscribe(self: &Arc<Self>, who: Uuid, beats: bool) -> Option<Subscription> {
        let mut seats = lock(&self.seats);
        let taken = seats.entry(who).or_default();
        if *taken >= SEATS {
            return None;
        }
        *taken += 1;
        if beats && self.publisher.begin_watching() {
            self.first_watcher.notify_one();
        }
        Some(Subscription { live: self.clone(), who, beats, told: self.told.subscribe() })
    }

    /// What was told of the lanes last, while some of them are silent.
    pub fn silent_lanes(&self) -> Option<Arc<str>> {
        let silence = self.silence.borrow();
        silence.is_silent.then(|| silence.data.clone())
    }

    /// What is told from now on, for the replica itself: no person's seat.
    pub fn listen(&self) -> broadcast::Receiver<Told> {
        self.told.subscribe()
    }

    fn tell(&self, entries: Vec<LiveEntry>) {
        if self.told.receiver_count() == 0 {
            return;
        }
        for entry in entries {
            // Whoever left meanwhile needs nothing.
            let _ = self.told.send(Told::Entry(entry.id, entry.notices().into()));
        }
    }
}

/// A place to listen from, given up when it is dropped.
#[derive(Debug)]
pub struct Subscription {
    live: Arc<Live>,
    who: Uuid,
    beats: bool,
    /// What is told from now on.
    pub told: broadcast::Receiver<Told>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if self.beats {
            self.live.publisher.end_watching();
        }
        let mut seats = lock(&self.live.seats);
        let left = seats.get_mut(&self.who).map(|taken| {
            *taken -= 1;
            *taken
        });
        if left == Some(0) {
            seats.remove(&self.who);
        }
    }
}

/// Reads the stream for all who listen here, until the token is cancelled.
pub async fn run(live: Arc<Live>, token: CancellationToken) {
    tokio::select! {
        () = token.cancelled() => {}
        () = listen(&live) => {}
        () = say(&live) => {}
        () = tell_of_lanes(&live) => {}
    }
}

/// Reads on and on. What happened while Redis was away is caught up with if it is still there.
async fn listen(live: &Live) {
    let mut place = None;
    loop {
        if let Err(why) = follow(live, &mut place).await {
            tracing::warn!(why, "what happens cannot be read; live updates wait for redis");
        }
        tokio::time::sleep(REST).await;
    }
}

/// Reads until anything goes wrong.
async fn follow(live: &Live, place: &mut Option<EntryId>) -> Result<(), String> {
    let mut line = live.link.blocking().await.map_err(|why| why.to_string())?;
    let mut at = start(live, *place).await.map_err(|why| why.to_string())?;
    loop {
        *place = Some(at);
        let entries = read(live, &mut line, at).await?;
        at = match entries.last() {
            Some(last) => last.id,
            // Nothing for long: is the place we read on from still there? A stream that began anew may never come to it.
            None => start(live, Some(at)).await.map_err(|why| why.to_string())?,
        };
        live.tell(entries);
    }
}

/// Where reading goes on: where it was if that place is still there, else at the end, which everybody is told.
async fn start(live: &Live, place: Option<EntryId>) -> Result<EntryId, wire::Error> {
    if let Some(place) = place
        && live.since(place, 1).await?.is_some()
    {
        return Ok(place);
    }
    let tail = live.tail().await?;
    if place.is_some() {
        let _ = live.told.send(Told::Gap(tail));
    }
    Ok(tail)
}

async fn read(live: &Live, line: &mut Line, after: EntryId) -> Result<Vec<LiveEntry>, String> {
    let reading = wire::read_live(line, &live.keys, after, ENTRIES, BLOCK);
    let read = timeout(BLOCK + OVERDUE, reading).await;
    read.map_err(|_| "a read is long overdue".to_owned())?.map_err(|why| why.to_string())
}

/// Tells who listens here how the lanes are whenever that changes.
async fn tell_of_lanes(live: &Live) {
    let mut silence = live.silence.clone();
    while silence.changed().await.is_ok() {
        let data = silence.borrow_and_update().data.clone();
        let _ = live.told.send(Told::Lanes(data));
    }
    // Nobody looks after lanes any more: the process ends.
    std::future::pending::<()>().await;
}

/// Says that somebody here looks at beats, for as long as somebody does.
async fn say(live: &Live) {
    loop {
        if live.publisher.has_watchers() {
            let said = async { wire::keep_watched(&mut live.link.short().await?, &live.keys).await };
            if let Err(why) = said.await {
                tracing::debug!(%why, "could not say that somebody looks at beats");
            }
        }
        tokio::select! {
            () = live.first_watcher.notified() => {}
            () = tokio::time::sleep(SAY) => {}
        }
    }
}

/// Nothing panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
