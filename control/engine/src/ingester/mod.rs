//! Turns what regions report into rows, statuses and closed slots: one per lane, on a PostgreSQL session of its own.
//!
//! Each turn reads every region's results, stores them in one transaction whose last statement is the fence, and only
//! then trims what it read. Any error ends the ingester with everything it believed: whoever takes the lane next reads
//! from the beginning again, and the keys of rows say what was new. It does not push, and it calls nobody.
//!
//! Whoever may write to a region's stream is not trusted: `intake` bounds what is read of it, `batch` what is kept, `storing`
//! finds what PostgreSQL refuses all the same. A region that writes nonsense loses its own results and nobody else's.

mod after;
mod batch;
mod begin;
mod follow;
mod groups;
mod incidents;
mod intake;
mod meter;
mod reading;
mod storing;
mod tried;
mod warnings;

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use domain::{
    certificates::{Certificates, Presented},
    clocks,
    fleet::Fleet,
    incident::Kind,
    keys::{Lane, MonitorKey, RegionKey},
    ledger::{Accepted, Known, Ledger},
    schedule::RegionRow,
    status_tracker::{Change, StatusTracker},
    time::{Millis, Seconds, Slot},
    verdict::Evidence,
};
use store::{
    Session,
    incidents::Failure as FirstFailure,
    lanes::{Position, Reached},
    statuses::Owned,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::{EntryId, Line, Positions, Region, ResultEntry, Verdict};

use crate::{Engine, lane::progress::Progress};

use batch::{Batch, Terms, new_ids, wakes};
use incidents::{Availability, Happened, Moment};
use intake::{Hearing, Look};

/// Slots closed in a transaction at most, and about how many rows that may make.
const CLOSE_SLOTS: i64 = 60;
const CLOSE_ROWS: f64 = 50_000.0;
/// Results this old are a backlog: what opens is told a little later, so that what is over by its end is one message.
const BACKLOG_MS: i64 = 10_000;
const BACKLOG_HOLD: Duration = Duration::from_secs(5);
/// How long the list of regions is believed.
const REGIONS_FOR: Duration = Duration::from_secs(2);

/// Why an ingester ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Redis did not do as asked.
    #[error(transparent)]
    Redis(#[from] wire::Error),
    /// PostgreSQL did not, or the lane has another owner.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Redis' clock says nothing that can be gone by.
    #[error(transparent)]
    Clocks(#[from] clocks::Apart),
    /// Somebody else took the lane.
    #[error("the lane has another owner by now")]
    Lost,
    /// Nobody pushes what it would ingest.
    #[error("the lane's pusher crashed")]
    Alone,
}

/// Ingests a lane's results until the token is cancelled, or anything goes wrong.
pub(crate) async fn run(
    engine: &Engine,
    lane: Lane,
    keys: &wire::Keys,
    (epoch, position): (i64, Position),
    session: Session,
    (progress, token): (&Progress, &CancellationToken),
) -> Result<(), Failure> {
    let mut ingester = tokio::select! {
        begun = Ingester::begin(engine, lane, keys, (epoch, position), session, progress) => begun?,
        lost = keep(engine, lane, epoch) => return Err(lost),
    };
    while !token.is_cancelled() {
        ingester.turn().await?;
    }
    Ok(())
}

/// Keeps the lease while a large lane is read in. Turns renew it themselves, so that one that hangs loses the lane.
async fn keep(engine: &Engine, lane: Lane, epoch: i64) -> Failure {
    let lease = engine.config.times.lane_lease;
    loop {
        tokio::time::sleep(lease / 4).await;
        match store::lanes::renew(&engine.work, lane, epoch, lease).await {
            Ok(true) => {}
            Ok(false) => return Failure::Lost,
            Err(why) => return why.into(),
        }
    }
}

/// A region's open incident.
#[derive(Clone, Copy, Debug)]
struct Sick {
    id: Uuid,
    /// Whether it says what the region did that no probe does.
    odd: bool,
}

struct Ingester<'a> {
    engine: &'a Engine,
    lane: Lane,
    keys: &'a wire::Keys,
    epoch: i64,
    session: Session,
    reading: Line,
    /// What the lane's pusher goes by.
    progress: &'a Progress,
    ledger: Ledger,
    tracker: StatusTracker,
    fleet: Fleet,
    fleet_seen: Instant,
    availability: Availability,
    certificates: Certificates,
    /// The open incidents of regions, and of those only where this is lane 0: one lane sees to them.
    sick: HashMap<RegionKey, Sick>,
    /// What regions did of late that no probe does, to be noted with the next turn that writes.
    odd: HashMap<Region, String>,
    /// Whose monitors are, of those that dashboards were told of.
    owners: HashMap<MonitorKey, Owned>,
    regions: Vec<RegionRow>,
    /// Whose results are read: registered regions, and with `regions.auto` every group on the shared stream.
    heard: Vec<Region>,
    regions_read: Instant,
    positions: Positions,
    hearing: Hearing,
    /// Where the regions' groups stood when they stood where they can.
    delivered: HashMap<(Region, String), EntryId>,
    fenced: Instant,
    tried: tried::TriedBudget,
    warnings: warnings::Warnings,
}

impl Ingester<'_> {
    async fn turn(&mut self) -> Result<(), Failure> {
        if self.regions_read.elapsed() > REGIONS_FOR {
            self.read_regions().await?;
        }
        let look = self.look().await?;
        let entries = self.read(&look).await?;
        let heard_ms = self.hearing.up_to_ms(&self.heard, look.now_ms);
        self.refresh(&entries, &look).await?;
        let terms = Terms { ledger: &self.ledger, tracker: &self.tracker, regions: &self.regions, now_ms: look.now_ms };
        let mut batch = Batch::sort(entries, terms);
        let news = self.write(&mut batch, look.now_ms, heard_ms).await?;
        self.positions.extend(batch.positions.clone());
        // What is safe goes first: while Redis is full, this is what makes room.
        self.trim(&batch, look.now_ms).await?;
        self.ask_again().await;
        self.tell(&news).await?;
        self.tell_tried(&batch).await;
        self.dead_letter(&batch).await;
        self.register(&batch).await;
        self.measure(look.now_ms, heard_ms);
        Ok(())
    }

    /// Brings the ledger to the frontier as it is after the read: every job of what was read lies at or before it. Nothing is
    /// stored, closed or thrown away by a clock that PostgreSQL's does not bear out.
    async fn refresh(&mut self, entries: &[ResultEntry], look: &Look) -> Result<(), Failure> {
        let Position { frontier, clock_ms, .. } = store::lanes::position(&self.session, self.lane).await?;
        clocks::agree(look.now_ms, clock_ms, look.asked.elapsed())?;
        let new = new_ids(entries, &self.ledger);
        let mut known = Vec::new();
        // Whatever an edit changes lies beyond the frontier; while that stands still, all that changed was read, or is asked
        // for by what is new.
        let awake = wakes(entries, &self.ledger, &self.tracker);
        if frontier > self.ledger.frontier || self.ledger.is_unsettled() || !new.is_empty() || awake {
            let changed = store::schedule::changed_cadences(&self.session, self.lane, self.ledger.frontier).await?;
            let edited: Vec<_> = self.ledger.refresh(frontier, changed).into_iter().collect();
            known = self.edited(&edited).await?;
        }
        if !new.is_empty() {
            known.extend(store::schedule::known(&self.session, &new).await?);
        }
        self.learn(known);
        Ok(())
    }

    /// Takes in what monitors look at now.
    fn learn(&mut self, known: Vec<Known>) {
        for monitor in known {
            let key = monitor.key;
            if self.ledger.know(monitor) {
                self.tracker.retarget(key);
                self.certificates.retarget(key);
            }
        }
    }

    /// A schedule changes with the status a person sees, with the rules it goes by and with its target, so these are read
    /// again: the target last, so that no status is taken for one of an older target than it is of.
    async fn edited(&mut self, monitors: &[MonitorKey]) -> Result<Vec<Known>, Failure> {
        if monitors.is_empty() {
            return Ok(Vec::new());
        }
        for (monitor, rules) in store::statuses::rules_of(&self.session, monitors).await? {
            self.tracker.set_rules(monitor, rules);
        }
        self.read_statuses(monitors).await?;
        Ok(store::schedule::known_as(&self.session, monitors).await?)
    }

    async fn read_statuses(&mut self, monitors: &[MonitorKey]) -> Result<(), Failure> {
        if !monitors.is_empty() {
            let mut deleted: HashSet<_> = monitors.iter().collect();
            let mut anew = Vec::new();
            for row in store::statuses::of(&self.session, monitors).await? {
                deleted.remove(&row.monitor);
                anew.extend(self.tracker.stored(row).then_some(row.monitor));
            }
            if !anew.is_empty() {
                let open = store::incidents::open_about(&self.session, &anew, Some(Kind::Certificate)).await?;
                self.certificates.opened(&anew, open);
            }
            for monitor in deleted {
                self.tracker.forget(*monitor);
                self.certificates.forget(*monitor);
            }
        }
        Ok(())
    }

    /// Writes what a turn brought, if there is anything to write.
    async fn write(&mut self, batch: &mut Batch, now_ms: i64, heard_ms: i64) -> Result<News, Failure> {
        let closing = self.closing(Millis(heard_ms));
        let renew = self.fenced.elapsed() > self.engine.config.times.lane_lease / 4;
        if batch.accepted.is_empty() && batch.facts.is_empty() && closing == Slot(self.ledger.closed) && !renew {
            self.count(batch, &[], 0);
            return Ok(News::default());
        }
        self.session.begin().await?;
        let stored = self.store(batch).await?;
        let new = batch.take_new(&stored);
        self.commit(batch, new, (closing, Millis(now_ms), Millis(heard_ms))).await
    }

    /// The rest of the transaction: missed slots, statuses, incidents, and last the fence.
    async fn commit(
        &mut self,
        batch: &Batch,
        new: Vec<Accepted>,
        (closing, Millis(now_ms), heard): (Slot, Millis, Millis),
    ) -> Result<News, Failure> {
        let heard_ms = heard.0;
        self.hear(&new, now_ms).await?;
        let missed = self.close(closing.0, heard_ms).await?;
        self.tracker.tick(heard_ms, &self.ledger);
        let last_ms = new.iter().map(|accepted| accepted.heard_ms).max().unwrap_or(heard_ms);
        let backlog = now_ms - heard_ms > BACKLOG_MS;
        let moment =
            Moment { at: last_ms.max(heard_ms) / 1000, hold: if backlog { BACKLOG_HOLD } else { Duration::ZERO } };
        let mut news = News { new, at: moment.at, ..News::default() };
        self.follow(heard_ms, moment, &mut news).await?;
        let (lease, reached) = (self.engine.config.times.lane_lease, Reached { closed: closing, heard: heard.slot() });
        store::lanes::fence_and_commit(&self.session, self.lane, self.epoch, reached, lease).await?;
        self.fenced = Instant::now();
        self.ledger.closed = closing.0;
        self.count(batch, &news.new, missed);
        Ok(news)
    }

    /// How far this turn closes: results up to `heard` are in, so slots older than that by H are settled.
    fn closing(&self, heard: Millis) -> Slot {
        let settled = heard.slot() - Seconds::from(self.engine.config.times.close);
        let rate = self.ledger.rate(self.regions.len()).max(1.0);
        let most = ((CLOSE_ROWS / rate) as i64).clamp(1, CLOSE_SLOTS);
        let (frontier, closed) = (Slot(self.ledger.frontier), Slot(self.ledger.closed));
        settled.min(frontier).min(closed + Seconds(most)).max(closed)
    }

    /// Hands the rows that are new to the tracker, and keeps the first failures among them. What is about a target the monitor
    /// does not have any more has its row, and no say.
    async fn hear(&mut self, new: &[Accepted], now_ms: i64) -> Result<(), Failure> {
        let mut failures: HashMap<_, FirstFailure> = HashMap::new();
        for accepted in new {
            if !self.ledger.is_of_target(accepted) {
                continue;
            }
            if self.tracker.hear(accepted.monitor, evidence(accepted), &self.ledger) {
                let failure = first_failure(accepted);
                failures.extend(failure.map(|failure| ((failure.monitor, failure.region), failure)));
            }
            self.hear_certificate(accepted, now_ms);
        }
        if !failures.is_empty() {
            store::incidents::keep_failures(&self.session, &failures.into_values().collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    fn hear_certificate(&mut self, accepted: &Accepted, now_ms: i64) {
        let now = now_ms / 1000;
        let interval = self.ledger.interval_at(accepted.monitor, now);
        let not_after = accepted.outcome.cert_not_after.filter(|_| accepted.outcome.suspect.is_none());
        if let (Some(not_after), Some(interval)) = (not_after, interval) {
            let quorum = self.tracker.quorum(accepted.monitor, &self.ledger, &self.regions, now);
            let presented = Presented { region: accepted.region, not_after, heard_ms: accepted.heard_ms };
            self.certificates.hear(accepted.monitor, presented, interval, quorum);
        }
    }

    /// Closes slots up to `closing`. Returns how many nobody had checked.
    async fn close(&mut self, closing: i64, heard_ms: i64) -> Result<u64, Failure> {
        if closing == self.ledger.closed {
            return Ok(0);
        }
        let missed = store::outcomes::close(&self.session, self.lane, self.ledger.closed + 1, closing).await?;
        for (slot, monitor, region) in &missed {
            let (verdict, reason, suspect) = (Verdict::Missed, None, None);
            let said = Evidence { region: *region, slot: *slot, attempt: 0, verdict, reason, suspect, heard_ms };
            self.tracker.hear(*monitor, said, &self.ledger);
        }
        Ok(missed.len() as u64)
    }
}

/// What a turn committed that others have to hear of.
#[derive(Default)]
struct News {
    new: Vec<Accepted>,
    /// Unix seconds, as in what was written.
    at: i64,
    changes: Vec<Change>,
    happened: Happened,
    /// Regions whose workers came (true) or went.
    regions: Vec<(bool, RegionKey)>,
}

fn evidence(accepted: &Accepted) -> Evidence {
    let outcome = &accepted.outcome;
    Evidence {
        region: accepted.region,
        slot: outcome.slot,
        attempt: accepted.row_attempt(),
        verdict: outcome.verdict,
        reason: outcome.reason,
        suspect: outcome.suspect,
        heard_ms: accepted.heard_ms,
    }
}

fn first_failure(accepted: &Accepted) -> Option<FirstFailure> {
    let outcome = &accepted.outcome;
    let evidence = outcome.evidence.as_deref().and_then(|seen| serde_json::to_string(seen).ok());
    Some(FirstFailure {
        monitor: accepted.monitor,
        region: accepted.region,
        slot: outcome.slot,
        attempt: accepted.row_attempt(),
        reason: outcome.reason?,
        detail: outcome.detail.clone(),
        evidence,
    })
}
