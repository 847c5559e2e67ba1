//! What dashboards are told as it happens: notices go onto one Redis stream, every replica reads it once, and hands what
//! it read to whoever listens here. Losing a notice costs a look at the API and nothing else: truth is in PostgreSQL.
//!
//! It does not know what the events mean, nor how a listener is answered.

mod wants;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    sync::{Notify, broadcast},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use wire::{EntryId, Line, LiveEntry, LiveNotice};

use crate::ids::OrgId;

pub use wants::{Levels, Monitors, Wants};

/// Redis has this long to take notices: who publishes has better things to do.
const PATIENCE: Duration = Duration::from_secs(1);
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
/// How long it is believed whether somebody does.
const BELIEVED: Duration = Duration::from_secs(2);
/// Listeners a person may have at once.
const SEATS: usize = 16;

/// The event that tells a client to look at everything again.
pub const RESYNC: &str = "resync";
/// The event of single checks: many, and not published while nobody looks.
pub const BEAT: &str = "beat";
/// The event that answers whoever tries out a target: for nobody else.
pub const TRIED: &str = "tried";
/// The event that tells which lanes stand still, from this replica's own look: it must not need what may be broken.
pub const LANES: &str = "lanes";

/// One event for the people of an organisation.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Whose; absent for everybody.
    pub organisation: Option<OrgId>,
    /// Its name.
    pub event: &'static str,
    /// Its data.
    pub data: Value,
}

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
    /// Cancelled when the process ends, and every listening with it.
    pub token: CancellationToken,
    /// Owner of the tasks that listen.
    pub tracker: TaskTracker,
    told: broadcast::Sender<Told>,
    /// Whether notices of this replica were lost since the last ones that were not.
    lost: AtomicBool,
    /// How many here look at beats.
    watchers: AtomicUsize,
    first_watcher: Notify,
    watched: Mutex<Option<(Instant, bool)>>,
    seats: Mutex<HashMap<Uuid, usize>>,
    lanes: Mutex<Option<Arc<str>>>,
}

impl Live {
    /// Over `link`, on the stream of `keys`, which are those of lane 0; listening, on tasks of `tracker`, ends with `token`.
    pub fn new(link: wire::Link, keys: wire::Keys, token: CancellationToken, tracker: TaskTracker) -> Self {
        Self {
            link,
            keys,
            token,
            tracker,
            told: broadcast::Sender::new(BEHIND),
            lost: AtomicBool::new(false),
            watchers: AtomicUsize::new(0),
            first_watcher: Notify::new(),
            watched: Mutex::new(None),
            seats: Mutex::new(HashMap::new()),
            lanes: Mutex::default(),
        }
    }

    /// Publishes notices as well as it can, to be called after what they tell of was committed. When that failed, the next
    /// ones begin with a `resync`.
    pub async fn publish(&self, notices: &[Notice]) {
        let mut notices: Vec<_> = notices.iter().map(written).collect();
        if self.lost.swap(false, Ordering::Relaxed) {
            notices.insert(0, resync());
        }
        let published = async { wire::publish_live(&mut self.link.short().await?, &self.keys, &notices).await };
        let why = match timeout(PATIENCE, published).await {
            Ok(Ok(_)) => return,
            Ok(Err(why)) => why.to_string(),
            Err(_) => "redis takes too long".to_owned(),
        };
        self.lost.store(true, Ordering::Relaxed);
        tracing::warn!(
            why,
            notices = notices.len(),
            "dashboards were not told; the next notice tells them to look again"
        );
    }

    /// Whether anybody looks at beats, here or on another replica; up to 2 s old. While Redis does not say, nobody does.
    pub async fn is_watched(&self) -> bool {
        if self.watchers.load(Ordering::Relaxed) > 0 {
            return true;
        }
        if let Some((asked, answer)) = *lock(&self.watched)
            && asked.elapsed() < BELIEVED
        {
            return answer;
        }
        let asked = async { wire::is_watched(&mut self.link.short().await?, &self.keys).await };
        let answer = matches!(timeout(PATIENCE, asked).await, Ok(Ok(true)));
        *lock(&self.watched) = Some((Instant::now(), answer));
        answer
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
    pub fn sit(self: &Arc<Self>, who: Uuid, beats: bool) -> Option<Seat> {
        let mut seats = lock(&self.seats);
        let taken = seats.entry(who).or_default();
        if *taken >= SEATS {
            return None;
        }
        *taken += 1;
        if beats && self.watchers.fetch_add(1, Ordering::Relaxed) == 0 {
            self.first_watcher.notify_one();
        }
        Some(Seat { live: self.clone(), who, beats, told: self.told.subscribe() })
    }

    /// Tells who listens here that the lanes are like this now, and whoever comes later where some are `silent`.
    pub fn lanes_are(&self, data: &Value, silent: bool) {
        let data: Arc<str> = data.to_string().into();
        *lock(&self.lanes) = silent.then(|| data.clone());
        let _ = self.told.send(Told::Lanes(data));
    }

    /// What was told of the lanes last, while some of them are silent.
    pub fn silent_lanes(&self) -> Option<Arc<str>> {
        lock(&self.lanes).clone()
    }

    /// What is told from now on, for the replica itself: no person's seat.
    pub fn overhear(&self) -> broadcast::Receiver<Told> {
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
pub struct Seat {
    live: Arc<Live>,
    who: Uuid,
    beats: bool,
    /// What is told from now on.
    pub told: broadcast::Receiver<Told>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.beats {
            self.live.watchers.fetch_sub(1, Ordering::Relaxed);
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

/// Says that somebody here looks at beats, for as long as somebody does.
async fn say(live: &Live) {
    loop {
        if live.watchers.load(Ordering::Relaxed) > 0 {
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

/// Everybody is to look again.
fn resync() -> LiveNotice {
    LiveNotice { organisation: None, event: RESYNC.to_owned(), data: "{}".to_owned() }
}

fn written(notice: &Notice) -> LiveNotice {
    LiveNotice {
        organisation: notice.organisation.map(|organisation| organisation.0),
        event: notice.event.to_owned(),
        data: notice.data.to_string(),
    }
}

/// Nothing panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
