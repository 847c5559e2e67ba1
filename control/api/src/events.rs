//! `GET /api/v1/events`: what happens, as server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! A client that comes back with the id it heard last goes on there, on whatever replica; one that cannot, or that cannot
//! keep up, is told `resync`: look at everything again and go on from here. Each stream is fed by a task of its own, so
//! that it ends with the process and with its sign-in whether or not its client reads.

use std::{convert::Infallible, str::FromStr, sync::Arc, time::Duration};

use ::http::HeaderValue;
use channels::live::RESYNC;
use futures_util::stream;
use serde_json::json;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, timeout_at},
};
use utoipa::OpenApi;
use warp::{Filter, Reply, reply::Response, sse::Event};
use wire::{EntryId, LiveNotice};

use crate::{
    App,
    auth::{self, Viewer, viewer},
    live::{LANES, Levels, Monitors, Subscription, Told, Wants},
    page::{Answer, Group, Route, with},
    problem::ApiError,
    query::{Query, query},
    time::moment_ms,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/events")];

/// Silence a client never hears; it may take 2.5 of these for the end.
const PING: Duration = Duration::from_secs(10);
/// How long a client waits until it comes back.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is asked whether the sign-in, or the key, still is one.
const WELCOME: Duration = Duration::from_secs(30);
/// How long somebody with too many streams waits.
const TOO_MANY: Duration = Duration::from_secs(10);
/// Entries of the past read at once.
const PAGE: usize = 200;
/// Events a client may leave unread before they queue up where all listeners' do.
const UNREAD: usize = 32;

/// The event a client heard last: an entry of the stream, and which of its notices where it has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    entry: EntryId,
    notice: Option<usize>,
}

impl FromStr for Place {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (entry, notice) = text.split_once('.').map_or((text, None), |(entry, notice)| (entry, Some(notice)));
            Some(Self { entry: entry.parse().ok()?, notice: notice.map(str::parse).transpose().ok()? })
        };
        read().ok_or_else(|| format!("`{text}` is no event's id"))
    }
}

/// From where a client listens.
#[derive(Clone, Copy, Debug)]
enum Start {
    Now,
    Behind(Place),
    /// What it says it heard was never said here.
    Nowhere,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "events").and(warp::get());
    let last = warp::header::optional::<String>("last-event-id");
    path.and(viewer(app)).and(last).and(query()).and(with(app)).then(events).map(Reply::into_response).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(events))]
pub(crate) struct Docs;

/// Listen to what happens, as server-sent events.
///
/// The schema is that of one event: its name (`event`) and its JSON (`data`). Whoever comes back with the header
/// `Last-Event-ID`, or with `after`, misses nothing that is still kept, else gets `resync`. Silence is broken by a comment
/// every 10 s, whose id moves on.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "Events",
    params(
        ("monitors" = Option<String>, Query, description = "`all`, or up to 200 ids with commas between. Without it: all."),
        ("levels" = Option<String>, Query, description = "`status`, `beat`, or both with a comma between. Without it: both."),
        ("after" = Option<String>, Query, description = "The id of the event heard last."),
        ("Last-Event-ID" = Option<String>, Header, description = "The same, as browsers send it; it wins."),
    ),
    responses(
        (status = 200, body = domain::event::Event, content_type = "text/event-stream"),
        (status = 429, description = "You have 16 streams already."),
    ),
)]
async fn events(who: Viewer, last: Option<String>, mut query: Query, app: Arc<App>) -> Answer {
    let monitors = query.take::<Monitors>("monitors")?.unwrap_or_default();
    let levels = query.take::<Levels>("levels")?.unwrap_or_default();
    let after: Option<Place> = query.take("after")?;
    query.end()?;
    // A client that comes back by itself repeats its first address, so the header is the newer of the two.
    let from = match last.filter(|last| !last.is_empty()) {
        Some(last) => last.parse().map_or(Start::Nowhere, Start::Behind),
        None => after.map_or(Start::Now, Start::Behind),
    };
    let seat = app.live.subscribe(who.actor.id(), levels.beat).ok_or(ApiError::TooMany(TOO_MANY))?;
    // The seat is taken before the tail is read: whatever comes behind it is heard.
    let tail = app.live.tail().await?;
    let (send, receive) = mpsc::channel(UNREAD);
    let wants = Wants { organisation: who.org, monitors, levels };
    let listener = Listener { app: app.clone(), seat, wants, place: tail, send, said: Instant::now() };
    app.live.tasks.tracker.spawn(until_the_end(listener, who, from));
    Ok(answer(receive))
}

/// Ends with the process, the client or the sign-in, whichever ends first.
async fn until_the_end(listener: Listener, who: Viewer, from: Start) {
    let (app, send) = (listener.app.clone(), listener.send.clone());
    tokio::select! {
        () = app.live.tasks.token.cancelled() => {}
        () = send.closed() => {}
        () = unwelcome(&app, who) => {}
        _ = listener.listen(from) => {}
    }
}

fn answer(mut receive: mpsc::Receiver<Event>) -> Response {
    let events = stream::poll_fn(move |context| receive.poll_recv(context).map(|event| event.map(Ok::<_, Infallible>)));
    let mut response = warp::sse::reply(events).into_response();
    let headers = response.headers_mut();
    headers.insert(::http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Waits until the sign-in or the key has ended. While PostgreSQL does not say, it has not.
async fn unwelcome(app: &App, who: Viewer) {
    loop {
        tokio::time::sleep(WELCOME).await;
        if let Ok(false) = auth::is_welcome(app, who).await {
            return;
        }
    }
}

/// Why nothing more is said; the client comes back by itself.
#[derive(Debug)]
enum Ended {
    /// It is gone.
    Left,
    /// Redis cannot say where to go on.
    Lost,
}

/// One client.
struct Listener {
    app: Arc<App>,
    seat: Subscription,
    wants: Wants,
    /// The entry it has heard all it wants of.
    place: EntryId,
    send: mpsc::Sender<Event>,
    said: Instant,
}

impl Listener {
    async fn listen(mut self, from: Start) -> Result<(), Ended> {
        self.hello(matches!(from, Start::Now)).await?;
        // Its own replica's look, which has no place among the other events: whoever comes is told.
        if let Some(lanes) = self.app.live.silent_lanes() {
            self.lanes(&lanes).await?;
        }
        match from {
            Start::Now => {}
            Start::Behind(place) => self.catch_up(place).await?,
            Start::Nowhere => self.resync(self.place).await?,
        }
        loop {
            if self.said.elapsed() >= PING {
                // An id without data moves the client's place on, past what was not for it.
                self.say(Event::default().comment("ping").id(self.place.to_string())).await?;
            }
            match timeout_at(self.said + PING, self.seat.told.recv()).await {
                Ok(Ok(Told::Entry(entry, notices))) if entry > self.place => self.pass(entry, &notices, None).await?,
                Ok(Ok(Told::Gap(tail))) => self.resync(tail).await?,
                Ok(Ok(Told::Lanes(data))) => self.lanes(&data).await?,
                Ok(Err(RecvError::Lagged(_))) => self.resync_at_tail().await?,
                Ok(Err(RecvError::Closed)) => return Err(Ended::Lost),
                // Silence, or what was caught up with before.
                Err(_) | Ok(Ok(Told::Entry(..))) => {}
            }
        }
    }

    /// With an id only where nothing of the past follows: who leaves before it came would have missed it.
    async fn hello(&mut self, from_now: bool) -> Result<(), Ended> {
        let seq = self.place.to_string();
        let server_time = moment_ms(self.app.clock.now_ms());
        let data = json!({"version": env!("CARGO_PKG_VERSION"), "seq": seq, "server_time": server_time});
        let hello = Event::default().event("hello").retry(RETRY).data(data.to_string());
        self.say(if from_now { hello.id(seq) } else { hello }).await
    }

    async fn lanes(&mut self, data: &str) -> Result<(), Ended> {
        self.say(Event::default().event(LANES).data(data)).await
    }

    /// Says what happened behind `place`, from the stream itself.
    async fn catch_up(&mut self, place: Place) -> Result<(), Ended> {
        let (mut at, mut heard) = (place.entry, place.notice);
        loop {
            let Some(entries) = self.app.live.since(at, PAGE).await.map_err(|_| Ended::Lost)? else {
                return self.resync_at_tail().await;
            };
            for entry in &entries {
                // Of the entry itself only what was not heard yet.
                if entry.id > at || heard.is_some() {
                    self.pass(entry.id, &entry.notices(), heard.take()).await?;
                }
            }
            at = entries.last().map_or(at, |last| last.id);
            if entries.len() < PAGE {
                self.place = at;
                return Ok(());
            }
        }
    }

    /// Says what of an entry is for this client, behind the notice it has `heard` already.
    async fn pass(&mut self, entry: EntryId, notices: &[LiveNotice], heard: Option<usize>) -> Result<(), Ended> {
        for (number, notice) in notices.iter().enumerate() {
            if heard.is_some_and(|heard| number <= heard) {
                continue;
            }
            if let Some(data) = self.wants.pick(notice) {
                let id = if notices.len() == 1 { entry.to_string() } else { format!("{entry}.{number}") };
                let event = Event::default().event(notice.event.as_str()).id(id).data(data);
                self.say(event).await?;
            }
        }
        self.place = entry;
        Ok(())
    }

    async fn resync_at_tail(&mut self) -> Result<(), Ended> {
        let tail = self.app.live.tail().await.map_err(|_| Ended::Lost)?;
        self.resync(tail).await
    }

    /// What is at or before `tail` is to be looked up; what comes behind it is heard.
    async fn resync(&mut self, tail: EntryId) -> Result<(), Ended> {
        self.place = tail;
        self.say(Event::default().event(RESYNC).id(tail.to_string()).data("{}")).await
    }

    async fn say(&mut self, event: Event) -> Result<(), Ended> {
        self.send.send(event).await.map_err(|_| Ended::Left)?;
        self.said = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let entry = EntryId { ms: 7, seq: 1 };
        assert_eq!("7-1".parse(), Ok(Place { entry, notice: None }));
        assert_eq!("7-1.3".parse(), Ok(Place { entry, notice: Some(3) }));
        for bad in ["", "x", "7-1.", "7-1.x", "7-1.2.3"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
