//! From a delivery to its end: held, then refused or checked, then doubted or not, then on its way to the reporter.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};
use wire::{Delivery, Done, Job, Lease, MalformedJob, Outcome, Reason, Streams, Work};

use super::{
    lane::Lane,
    ledger::{Finished, Ticket},
};
use crate::check::Finding;

/// A job handed out so often without an answer is not run any more: it may be what crashes its probe.
const MOST_DELIVERIES: u64 = 3;

/// How long a check that found this machine short of sockets keeps its permit: a worker that cannot dial must not
/// hurry through the queue.
const SHORT_OF_SOCKETS: Duration = Duration::from_secs(1);

/// Where taker and keeper hand their jobs. The reporter's queue ends with its last clone.
#[derive(Clone)]
pub(crate) struct Dispatch {
    lane: Arc<Lane>,
    queue: mpsc::Sender<Finished>,
}

impl Dispatch {
    /// Jobs of `lane` that end in `queue`.
    pub(crate) fn new(lane: &Arc<Lane>, queue: mpsc::Sender<Finished>) -> Self {
        Self { lane: Arc::clone(lane), queue }
    }

    /// Takes over a job read from `streams` and delivered for the `times`-th time. `false` if it is held already. Never
    /// waits: the loops have leases to keep and reads to finish.
    pub(crate) fn start(
        &self,
        streams: &Arc<Streams>,
        delivery: Delivery,
        times: u64,
        permit: OwnedSemaphorePermit,
    ) -> bool {
        let Delivery { lease, job } = delivery;
        let kind = job.as_ref().ok().and_then(|job| job.work.as_ref().ok()).map(|work| work.spec.kind());
        let Some(ticket) = self.lane.ledger.admit(streams, lease, kind, permit) else { return false };
        let this = self.clone();
        // In a box: the runtime moves what it is given again and again, and a check is kilobytes.
        let task = self.lane.checks.spawn(Box::pin(async move {
            let outcome = match job {
                Ok(job) => match this.lane.answer(&job, times).await {
                    None => return this.lane.let_lapse(ticket, lease).await,
                    Some(outcome) => Some(this.lane.qualify(outcome).await),
                },
                Err(malformed) => this.lane.dead_letter(lease, &malformed),
            };
            // Waits while the reporter is behind. That it is gone means that the time to drain is over.
            let _ = this.queue.send((ticket, Done { lease, outcome })).await;
        }));
        self.lane.ledger.attach(ticket, task.abort_handle());
        true
    }
}

/// What to do, or why it is not done: delivered too often, late at `now` (unix seconds), or not understood.
fn admissible(job: &Job, times: u64, now: i64) -> Result<&Work, Reason> {
    match &job.work {
        _ if times >= MOST_DELIVERIES => Err(Reason::Crashed),
        _ if now >= job.until => Err(Reason::Late),
        Err(_) => Err(Reason::Unsupported),
        Ok(work) => Ok(work),
    }
}

impl Lane {
    /// What is no job has no slot that could have an outcome: it is acknowledged, so that it is not delivered for ever.
    fn dead_letter(&self, lease: Lease, why: &MalformedJob) -> Option<Outcome> {
        self.shared.metrics.malformed.inc();
        tracing::warn!(entry = %lease.entry, %why, "acknowledged a stream entry that is no job");
        None
    }

    /// A job's outcome: why it is not run, or what a check found once its host had a place. Nothing where this machine
    /// could not dial: that says nothing about the site.
    async fn answer(&self, job: &Job, times: u64) -> Option<Outcome> {
        let work = match admissible(job, times, self.clock.now()) {
            Ok(work) => work,
            Err(reason) => return Some(self.missed(job, reason)),
        };
        let left_ms = job.until.saturating_mul(1000).saturating_sub(self.clock.now_ms());
        let place = self.shared.hosts.place(work.url.url());
        let Ok(_place) = timeout(Duration::from_millis(left_ms.max(0) as u64), place).await else {
            return Some(self.missed(job, Reason::Late));
        };
        let started_ms = self.clock.now_ms();
        match self.survive(job, work, started_ms).await {
            None => Some(self.missed(job, Reason::Crashed)),
            Some(finding) if finding.starved => None,
            Some(finding) => Some(finding.into_outcome(job, started_ms)),
        }
    }

    /// The check, or nothing if it panicked.
    async fn survive(&self, job: &Job, work: &Work, started_ms: i64) -> Option<Finding> {
        let finding = survive(self.shared.checker.check(work, started_ms.div_euclid(1000))).await;
        if finding.is_none() {
            tracing::error!(monitor = %job.monitor, slot = job.slot, "a check panicked: this is a bug of the probe");
        }
        finding
    }

    fn missed(&self, job: &Job, reason: Reason) -> Outcome {
        let outcome = Outcome::missed(job.monitor, job.slot, job.attempt, reason, self.clock.now_ms());
        let detail = match reason {
            Reason::Crashed => Some("handed out again and again without an answer: not run".to_owned()),
            Reason::Unsupported => job.work.as_ref().err().cloned(),
            _ => None,
        };
        Outcome { detail, rev: job.rev, ..outcome }
    }

    /// Gives a job up after a while, for a peer to take over.
    async fn let_lapse(&self, ticket: Ticket, lease: Lease) {
        tracing::debug!(entry = %lease.entry, "short of sockets or file descriptors: this job's lease lapses");
        tokio::time::sleep(SHORT_OF_SOCKETS).await;
        self.shared.metrics.void.inc();
        self.ledger.release([ticket]);
    }
}

/// What `check` gives, or nothing if it panicked: a panic ends one check, not the process. No `async fn`: that would keep
/// room for the check twice.
fn survive<T>(check: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
    AssertUnwindSafe(check).catch_unwind().map(Result::ok)
}

#[cfg(test)]
mod tests {
    use wire::{Kind, MonitorId, Spec};

    use super::*;

    fn job(until: i64, asked: Result<&str, &str>) -> Job {
        let work = |url: &str| Work { url: url.parse().unwrap(), spec: Spec::usual(Kind::Http) };
        let work = asked.map(work).map_err(str::to_owned);
        Job { monitor: MonitorId(uuid::Uuid::nil()), slot: until - 60, until, attempt: 0, rev: Some(0), work }
    }

    #[test]
    fn who_is_not_run() {
        let good = Ok("http://a.example/");
        for (times, now, work, expected) in [
            (1, 99, good, None),
            (2, 99, good, None),
            (3, 99, good, Some(Reason::Crashed)),
            (1, 100, good, Some(Reason::Late)),
            (1, 99, Err("spec: later"), Some(Reason::Unsupported)),
            (1, 100, Err("spec: later"), Some(Reason::Late)),
        ] {
            assert_eq!(admissible(&job(100, work), times, now).err(), expected, "{times} {now} {work:?}");
        }
    }

    #[test]
    fn a_panic_ends_one_check() {
        let now = |future| FutureExt::now_or_never(survive::<u8>(future)).unwrap();
        assert_eq!(now(futures_util::future::ready(7).boxed()), Some(7));
        assert_eq!(now(async { panic!("as a test does") }.boxed()), None);
    }
}
