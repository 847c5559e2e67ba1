//! The run's monitors, made through the API, and people who change them all the time.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use hyper::Method;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::rest::Rest;

/// Requests in flight while the monitors are made.
const MAKERS: usize = 16;
/// People who edit at once.
const EDITORS: u64 = 4;
/// How long each of them thinks, milliseconds.
const THINKING_MS: std::ops::Range<u64> = 50..500;

/// What became of the edits.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Answered with 2xx.
    pub(super) done: AtomicUsize,
    /// Not answered, or 503: a replica or PostgreSQL was away. Whether it took effect is unknown.
    pub(super) refused: AtomicUsize,
    /// 404 or 409: somebody else was quicker.
    pub(super) beaten: AtomicUsize,
    /// Answers that should not be.
    pub(super) odd: Mutex<Vec<String>>,
}

/// The body of monitor `n`: mostly sites that are up, some of every kind that is not.
pub(super) fn body(world: &str, n: usize, interval: u32) -> Value {
    let path = match n % 100 {
        0..=4 => "/status/503".to_owned(),
        5..=9 => format!("/flap?period=60&down=20&phase={n}"),
        10..=14 => "/slow?ms=800".to_owned(),
        15 | 16 => "/close".to_owned(),
        17 => "/reset".to_owned(),
        18 => "/hang".to_owned(),
        19 => "/redirect?to=/up".to_owned(),
        _ => format!("/up?n={n}"),
    };
    json!({"name": format!("site {n}"), "url": format!("{world}{path}"), "interval": interval, "timeout": 3})
}

/// Makes `count` monitors and returns their ids, and how many were made a second.
pub(super) async fn make(rest: &Arc<Rest>, world: &str, count: usize, interval: u32) -> Result<(Vec<String>, f64)> {
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let makers = (0..MAKERS).map(|_| {
        let (rest, next, world) = (Arc::clone(rest), Arc::clone(&next), world.to_owned());
        async move {
            let mut ids = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok(ids);
                }
                let answer = rest.ask(Method::POST, "/api/v1/monitors", Some(body(&world, n, interval))).await?;
                match answer.body["id"].as_str() {
                    Some(id) if answer.status == 201 => ids.push(id.to_owned()),
                    _ => bail!("POST /api/v1/monitors was answered with {}: {}", answer.status, answer.body),
                }
            }
        }
    });
    let tasks = TaskTracker::new();
    let makers: Vec<_> = makers.map(|maker| tasks.spawn(maker)).collect();
    let mut ids = Vec::with_capacity(count);
    for maker in makers {
        ids.extend(maker.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok((ids, count as f64 / seconds))
}

/// Lets people edit until `end`; each has a share of `ids` and makes decisions out of `seed`.
pub(super) async fn edit(
    rest: Arc<Rest>,
    world: String,
    ids: Vec<String>,
    interval: u32,
    seed: u64,
    end: CancellationToken,
) -> Tally {
    let tally = Arc::new(Tally::default());
    let tasks = TaskTracker::new();
    let share = ids.len().div_ceil(EDITORS as usize).max(1);
    for (place, ids) in ids.chunks(share).enumerate() {
        let editor = Editor {
            rest: Arc::clone(&rest),
            tally: Arc::clone(&tally),
            world: world.clone(),
            interval,
            rng: StdRng::seed_from_u64(seed.wrapping_mul(EDITORS) + place as u64),
            ids: ids.to_vec(),
            paused: Vec::new(),
        };
        tasks.spawn(editor.run(end.clone()));
    }
    tasks.close();
    tasks.wait().await;
    Arc::into_inner(tally).unwrap_or_default()
}

struct Editor {
    rest: Arc<Rest>,
    tally: Arc<Tally>,
    world: String,
    interval: u32,
    rng: StdRng,
    ids: Vec<String>,
    paused: Vec<String>,
}

impl Editor {
    async fn run(mut self, end: CancellationToken) {
        loop {
            let thinking = Duration::from_millis(self.rng.random_range(THINKING_MS));
            if end.run_until_cancelled(tokio::time::sleep(thinking)).await.is_none() {
                return;
            }
            self.one().await;
        }
    }

    async fn one(&mut self) {
        let Some(id) = self.ids.choose(&mut self.rng).cloned() else { return };
        let at = |id: &str, verb: &str| format!("/api/v1/monitors/{id}{verb}");
        match self.rng.random_range(0..20) {
            0..=4 => {
                self.ask(Method::POST, at(&id, "/pause"), None).await;
                self.paused.push(id);
            }
            5..=9 => {
                let id = self.paused.pop().unwrap_or(id);
                self.ask(Method::POST, at(&id, "/resume"), None).await;
            }
            10..=14 => {
                let interval = [5, self.interval, 20, 30].choose(&mut self.rng).copied();
                self.ask(Method::PATCH, at(&id, ""), Some(json!({"interval": interval}))).await;
            }
            15 | 16 => {
                self.ids.retain(|each| *each != id);
                self.ask(Method::DELETE, at(&id, ""), None).await;
            }
            17 | 18 => {
                let made = body(&self.world, self.rng.random_range(0..1_000_000), self.interval);
                let answer = self.ask(Method::POST, "/api/v1/monitors".to_owned(), Some(made)).await;
                self.ids.extend(answer.and_then(|body| Some(body["id"].as_str()?.to_owned())));
            }
            _ => drop(self.ask(Method::POST, at(&id, "/check"), None).await),
        }
    }

    async fn ask(&self, method: Method, path: String, body: Option<Value>) -> Option<Value> {
        let count = |counter: &AtomicUsize| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        match self.rest.ask(method.clone(), &path, body).await {
            Ok(answer) if (200..300).contains(&answer.status) => {
                count(&self.tally.done);
                return Some(answer.body);
            }
            Ok(answer) if [404, 409].contains(&answer.status) => count(&self.tally.beaten),
            Err(_) => count(&self.tally.refused),
            Ok(answer) if answer.status == 503 => count(&self.tally.refused),
            Ok(answer) => {
                let odd = format!("{method} {path}: {} {}", answer.status, answer.body);
                self.tally.odd.lock().unwrap_or_else(PoisonError::into_inner).push(odd);
            }
        }
        None
    }
}
