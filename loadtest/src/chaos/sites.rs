//! Sites that break, and the truth about when. What breaks when is a pure function of the seed.
//!
//! A long break lasts until somebody was told of it: how long that takes while everything around is killed is nobody's
//! promise, but told it must be. A short one may go unseen. A stumble is one failed request, and nobody may hear of it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use testbed::{
    clock::unix_ms,
    judge::{Break, Truth},
    receiver::Receiver,
    rest::Rest,
    world::{Answer, Behaviour, Site, World},
};
use tokio_util::sync::CancellationToken;

use super::edits::Crowd;
use crate::monitors;

/// How long breaks last at least, milliseconds.
const LONG_MS: std::ops::RangeInclusive<u64> = 30_000..=50_000;
const SHORT_MS: std::ops::RangeInclusive<u64> = 3_000..=20_000;
/// A long break is this far over when the faults are, milliseconds; unless nobody was told of it yet.
const BEYOND_MS: u64 = 25_000;
/// For so many long breaks there is a short one, and a stumble.
const LONG_EACH: usize = 6;
/// How long after the last fault a break may remain untold.
const PATIENCE: Duration = Duration::from_secs(90);
/// How exact moments are.
const TICK: Duration = Duration::from_millis(100);

/// What a site does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Breaks until somebody was told.
    Long,
    /// Breaks for a while.
    Short,
    /// Fails one request.
    Stumble,
}

/// A site's only trouble in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    kind: Kind,
    /// When, in milliseconds from the window's beginning.
    at_ms: u64,
    /// How long at least.
    lasts_ms: u64,
}

/// A monitor and its site.
pub(super) struct Watched {
    plan: Plan,
    site: Site,
    monitor: String,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Whole,
    BrokenSince(i64),
    Over,
}

/// The troubles of a window of `window_ms`, of which `incidents` are long breaks.
pub(super) fn plan(seed: u64, window_ms: u64, incidents: usize) -> Vec<Plan> {
    let mut rng = StdRng::seed_from_u64(seed.rotate_left(32) ^ 0x5173);
    let latest = window_ms.saturating_sub(2_000).max(1);
    let others = incidents.div_ceil(LONG_EACH);
    let counts = [(Kind::Long, incidents), (Kind::Short, others), (Kind::Stumble, others)];
    let kinds = counts.into_iter().flat_map(|(kind, count)| std::iter::repeat_n(kind, count));
    let mut draw = |kind| {
        let at_ms = rng.random_range(0..latest);
        let lasts_ms = match kind {
            Kind::Long => rng.random_range(LONG_MS).min(window_ms + BEYOND_MS - at_ms),
            Kind::Short => rng.random_range(SHORT_MS),
            Kind::Stumble => 0,
        };
        Plan { kind, at_ms, lasts_ms }
    };
    kinds.map(&mut draw).collect()
}

/// Makes a monitor for each. One in four of those that break is believed at its first failure; who stumbles never is.
pub(super) async fn make(rest: &Arc<Rest>, world: &World, crowd: &Crowd, plans: Vec<Plan>) -> Result<Vec<Watched>> {
    let sites: Vec<_> = (0..plans.len()).map(|n| world.site(&format!("watched-{n}"))).collect();
    let bodies = plans.iter().zip(&sites).enumerate().map(|(n, (plan, site))| {
        let times = if n % 4 == 0 && plan.kind != Kind::Stumble { 1 } else { 2 };
        json!({
            "name": format!("watched {n}"), "url": site.url(), "interval": crowd.interval, "timeout": 10,
            "alert_policy": crowd.policy, "confirm": {"failures": times, "recoveries": times},
        })
    });
    let bodies: Arc<Vec<_>> = Arc::new(bodies.collect());
    let (ids, _) = monitors::make(rest, plans.len(), move |n| bodies[n].clone()).await?;
    let whole = plans.into_iter().zip(sites).zip(ids);
    Ok(whole.map(|((plan, site), monitor)| Watched { plan, site, monitor, state: State::Whole }).collect())
}

/// Lets sites break and mends them, until all are mended. Once `calm` is cancelled, whoever waits to be told of does so
/// for [`PATIENCE`] and no longer.
pub(super) async fn inject(mut watched: Vec<Watched>, receiver: Arc<Receiver>, calm: CancellationToken) -> Truth {
    let (began, mut calm_since) = (Instant::now(), None);
    let mut truth = Truth::new();
    while watched.iter().any(|watched| !matches!(watched.state, State::Over)) {
        tokio::time::sleep(TICK).await;
        if calm.is_cancelled() && calm_since.is_none() {
            calm_since = Some(Instant::now());
        }
        let gave_up = calm_since.is_some_and(|since| since.elapsed() > PATIENCE);
        let (told, _) = receiver.told();
        let told: HashSet<_> =
            told.iter().filter(|told| told.opens()).filter_map(|told| told.monitor.as_deref()).collect();
        let now_ms = began.elapsed().as_millis() as u64;
        for watched in &mut watched {
            let may_end = gave_up || told.contains(watched.monitor.as_str());
            if let Some(time) = watched.step(now_ms, may_end) {
                truth.entry(watched.monitor.clone()).or_default().push(time);
            }
        }
    }
    truth
}

impl Watched {
    /// Goes on to where it is at `now_ms` of the window. Returns the break that ended with this.
    fn step(&mut self, now_ms: u64, may_end: bool) -> Option<Break> {
        let Plan { kind, at_ms, lasts_ms } = self.plan;
        match self.state {
            State::Whole if now_ms >= at_ms && kind == Kind::Stumble => {
                self.site.stumble();
                self.state = State::Over;
            }
            State::Whole if now_ms >= at_ms => {
                self.state = State::BrokenSince(unix_ms());
                self.site.behave(trouble(at_ms));
            }
            State::BrokenSince(from_ms) if now_ms >= at_ms + lasts_ms && (may_end || kind == Kind::Short) => {
                self.site.answer(200);
                self.state = State::Over;
                return Some(Break { from_ms, to_ms: unix_ms(), owed: kind == Kind::Long });
            }
            _ => {}
        }
        None
    }
}

/// One of the ways to fail at once.
fn trouble(chance: u64) -> Behaviour {
    match chance % 3 {
        0 => Behaviour::Answer(Answer::status(503)),
        1 => Behaviour::Close,
        _ => Behaviour::Reset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_the_plan() {
        assert_eq!(plan(1, 180_000, 210), plan(1, 180_000, 210));
        assert_ne!(plan(1, 180_000, 210), plan(2, 180_000, 210));
        let plans = plan(3, 60_000, 70);
        let count = |kind| plans.iter().filter(|plan| plan.kind == kind).count();
        assert_eq!((count(Kind::Long), count(Kind::Short), count(Kind::Stumble)), (70, 12, 12));
        assert!(plans.iter().all(|plan| plan.at_ms < 58_000 && plan.at_ms + plan.lasts_ms <= 85_000));
    }

    #[tokio::test]
    async fn a_long_break_lasts_until_it_was_told_and_a_short_one_does_not() {
        let world = World::start().await.unwrap();
        let watched = |kind| Watched {
            plan: Plan { kind, at_ms: 100, lasts_ms: 50 },
            site: world.site("a"),
            monitor: "m".to_owned(),
            state: State::Whole,
        };
        let (mut long, mut short) = (watched(Kind::Long), watched(Kind::Short));
        for now_ms in [0, 100, 149] {
            assert_eq!((long.step(now_ms, true), short.step(now_ms, false)), (None, None));
        }
        assert_eq!(long.step(150, false), None);
        assert!(long.step(900, true).unwrap().owed);
        assert!(!short.step(150, false).unwrap().owed);
        assert_eq!(long.step(901, true), None);
    }
}
