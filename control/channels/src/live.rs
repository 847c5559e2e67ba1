//! Telling dashboards as it happens: notices go onto one Redis stream that every replica reads. Losing a notice costs a look at
//! the API and nothing else: truth is in PostgreSQL. It does not know what the events mean.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{event::Event, ids::OrgId};
use tokio::time::timeout;
use wire::LiveNotice;

/// Redis has this long to take notices: who publishes has better things to do.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it is believed whether somebody looks at beats.
const BELIEVED: Duration = Duration::from_secs(2);

/// The event that tells a client to look at everything again.
pub const RESYNC: &str = "resync";
/// The event of single checks: many, and not published while nobody looks.
pub const BEAT: &str = "beat";
/// The event that answers whoever tries out a target: for nobody else.
pub const TRIED: &str = "tried";

/// One event for the people of an organisation.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Whose; absent for everybody.
    pub organisation: Option<OrgId>,
    /// What.
    pub event: Event,
}

impl Notice {
    /// An event of one organisation.
    pub fn of(organisation: OrgId, event: Event) -> Self {
        Self { organisation: Some(organisation), event }
    }

    /// An event for everybody.
    pub fn for_all(event: Event) -> Self {
        Self { organisation: None, event }
    }

    fn written(&self) -> LiveNotice {
        // Words, numbers and texts: JSON can hold every one of them.
        let mut written = serde_json::to_value(&self.event).unwrap_or_default();
        let event = written["event"].as_str().unwrap_or_default().to_owned();
        let organisation = self.organisation.map(|organisation| organisation.0);
        LiveNotice { organisation, event, data: written["data"].take().to_string() }
    }
}

/// What a replica tells its own dashboards of all lanes: it must not need what may be broken.
#[derive(Clone, Debug, Default)]
pub struct Silence {
    /// The event's data, as JSON; empty before the first look.
    pub data: Arc<str>,
    /// Whether any lane is silent.
    pub is_silent: bool,
}

/// The way in.
#[derive(Debug)]
pub struct Publisher {
    link: wire::Link,
    keys: wire::Keys,
    /// Whether notices of this replica were lost since the last ones that were not.
    lost: AtomicBool,
    /// How many of this replica's clients look at beats.
    watchers: AtomicUsize,
    watched: Mutex<Option<(Instant, bool)>>,
}

impl Publisher {
    /// Over `link`, on the stream of `keys`, which are those of lane 0.
    pub fn new(link: wire::Link, keys: wire::Keys) -> Self {
        let (lost, watchers) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self { link, keys, lost, watchers, watched: Mutex::new(None) }
    }

    /// Publishes notices as well as it can, to be called after what they tell of was committed. When that failed, the next
    /// ones begin with a `resync`.
    pub async fn publish(&self, notices: &[Notice]) {
        self.write(notices.iter().map(Notice::written).collect()).await;
    }

    /// The same with notices that are written already.
    pub(crate) async fn write(&self, mut notices: Vec<LiveNotice>) {
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
        if self.has_watchers() {
            return true;
        }
        if let Some((asked, answer)) = *self.watched()
            && asked.elapsed() < BELIEVED
        {
            return answer;
        }
        let asked = async { wire::is_watched(&mut self.link.short().await?, &self.keys).await };
        let answer = matches!(timeout(PATIENCE, asked).await, Ok(Ok(true)));
        *self.watched() = Some((Instant::now(), answer));
        answer
    }

    /// One more client looks at beats. Tells whether it is the first.
    pub fn begin_watching(&self) -> bool {
        self.watchers.fetch_add(1, Ordering::Relaxed) == 0
    }

    /// One client fewer does.
    pub fn end_watching(&self) {
        self.watchers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether any client of this replica does.
    pub fn has_watchers(&self) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
    }

    /// Nothing panics while it holds this.
    fn watched(&self) -> std::sync::MutexGuard<'_, Option<(Instant, bool)>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everybody is to look again.
pub fn resync() -> LiveNotice {
    LiveNotice { organisation: None, event: RESYNC.to_owned(), data: "{}".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events_are_those_that_listeners_go_by() {
        let named = |event| Notice::for_all(event).written().event;
        assert_eq!(named(Event::Resync {}), RESYNC);
        assert_eq!(named(Event::Beat { beats: Vec::new() }), BEAT);
        assert_eq!(Notice::for_all(Event::Resync {}).written(), resync());
    }
}
