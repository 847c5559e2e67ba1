//! The run's monitors, and people who change them all the time.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use hyper::Method;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use testbed::rest::Rest;

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

/// What the monitors are that people edit.
#[derive(Clone)]
pub(super) struct Crowd {
    /// Base URL of the sites.
    pub(super) world: String,
    /// Seconds between checks.
    pub(super) interval: u32,
    /// The policy of those whose sites are always up: whatever is told of them is wrong.
    pub(super) policy: String,
}

impl Crowd {
    /// The body of monitor `n`: mostly sites that are up, some of every kind that is not.
    pub(super) fn body(&self, n: usize) -> Value {
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
        let is_up = is_up(n);
        json!({
            "name": format!("site {n}"), "url": format!("{}{path}", self.world), "interval": self.interval,
            "timeout": if is_up { 10 } else { 3 }, "alert_policy": is_up.then_some(&self.policy),
        })
    }
}

/// Whether the site of monitor `n` is always up.
pub(super) fn is_up(n: usize) -> bool {
    n % 100 >= 20
}

/// Lets people edit until `end`; each has a share of `ids` and makes decisions out of `seed`.
pub(super) async fn edit(rest: Arc<Rest>, crowd: Crowd, ids: Vec<String>, seed: u64, end: CancellationToken) -> Tally {
    let tally = Arc::new(Tally::default());
    let tasks = TaskTracker::new();
    let share = ids.len().div_ceil(EDITORS as usize).max(1);
    for (place, ids) in ids.chunks(share).enumerate() {
        let editor = Editor {
            rest: Arc::clone(&rest),
            tally: Arc::clone(&tally),
            crowd: crowd.clone(),
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
    crowd: Crowd,
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
                let interval = [5, self.crowd.interval, 20, 30].choose(&mut self.rng).copied();
                self.ask(Method::PATCH, at(&id, ""), Some(json!({"interval": interval}))).await;
            }
            15 | 16 => {
                self.ids.retain(|each| *each != id);
                self.ask(Method::DELETE, at(&id, ""), None).await;
            }
            17 | 18 => {
                let made = self.crowd.body(self.rng.random_range(0..1_000_000));
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
