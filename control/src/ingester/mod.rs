//! Turns what regions report into rows, statuses and closed slots: one per lane, on a PostgreSQL session of its own.
//!
//! Each turn reads every region's results, stores them in one transaction whose last statement is the fence, and only
//! then trims what it read. Any error ends the ingester with everything it believed: whoever takes the lane next reads
//! from the beginning again, and the keys of rows say what was new. It does not push, and it calls nobody.

mod after;
mod batch;
mod begin;
mod board;
mod certificates;
mod fleet;
mod follow;
mod incidents;
mod meter;
mod tried;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::{Line, Positions, Region, ResultEntry, Verdict};

use crate::{
    app::App,
    keys::{Lane, MonitorKey, RegionKey},
    ledger::{Accepted, Ledger, RegionRow},
    store::{
        self, Session,
        incidents::Failure as FirstFailure,
        outcomes::Stored,
        statuses::{Change, Owned},
    },
    verdict::Evidence,
};
use batch::{Batch, heard_up_to, unknown_ids};
use board::Board;
use certificates::Certificates;
use fleet::Fleet;
use incidents::{Availability, Happened, Moment};

/// Entries read in a turn, over all regions, and of each at least. An entry is a worker's batch, at most 512 outcomes, so
/// that a turn stays well within the lease.
const ENTRIES: usize = 128;
const ENTRIES_EACH: usize = 8;
/// Slots closed in a transaction at most, and about how many rows that may make.
const CLOSE_SLOTS: i64 = 60;
const CLOSE_ROWS: f64 = 50_000.0;
/// A blocking read has no response timeout; one this much overdue is on a connection that died without a word.
const OVERDUE: Duration = Duration::from_secs(5);
/// Results this old are a backlog: what opens is told a little later, so that what is over by its end is one message.
const BACKLOG_MS: i64 = 10_000;
const BACKLOG_HOLD: i64 = 5;
/// How long the list of regions is believed.
const REGIONS_FOR: Duration = Duration::from_secs(2);

/// Why an ingester ended.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Redis did not do as asked.
    #[error(transparent)]
    Redis(#[from] wire::Error),
    /// PostgreSQL did not, or the lane has another owner.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Somebody else took the lane.
    #[error("the lane has another owner by now")]
    Lost,
    /// The connection died without a word.
    #[error("redis does not answer a read that is long overdue")]
    Overdue,
    /// Nobody pushes what it would ingest.
    #[error("the lane's pusher crashed")]
    Alone,
}

/// Ingests a lane's results until the token is cancelled, or anything goes wrong.
pub async fn run(
    app: &App,
    lane: Lane,
    keys: &wire::Keys,
    epoch: i64,
    session: Session,
    token: &CancellationToken,
) -> Result<(), Failure> {
    let mut ingester = tokio::select! {
        begun = Ingester::begin(app, lane, keys, epoch, session) => begun?,
        lost = keep(app, lane, epoch) => return Err(lost),
    };
    while !token.is_cancelled() {
        ingester.turn().await?;
    }
    Ok(())
}

/// Keeps the lease while a large lane is read in. Turns renew it themselves, so that one that hangs loses the lane.
async fn keep(app: &App, lane: Lane, epoch: i64) -> Failure {
    let lease = app.config.times.lane_lease;
    loop {
        tokio::time::sleep(lease / 4).await;
        match store::lanes::renew(&app.db, lane, epoch, lease).await {
            Ok(true) => {}
            Ok(false) => return Failure::Lost,
            Err(why) => return why.into(),
        }
    }
}

struct Ingester<'a> {
    app: &'a App,
    lane: Lane,
    keys: &'a wire::Keys,
    epoch: i64,
    session: Session,
    /// Blocks, so it is nobody else's.
    reading: Line,
    ledger: Ledger,
    board: Board,
    fleet: Fleet,
    fleet_seen: Instant,
    availability: Availability,
    certificates: Certificates,
    /// The open incidents of regions, and of those only where this is lane 0: one lane sees to them.
    sick: HashMap<RegionKey, Uuid>,
    /// Whose monitors are, of those that dashboards were told of.
    owners: HashMap<MonitorKey, Owned>,
    regions: Vec<RegionRow>,
    /// Whose results are read: registered regions, and with `regions.auto` every group on the shared stream.
    heard: Vec<Region>,
    regions_read: Instant,
    positions: Positions,
    fenced: Instant,
}

impl Ingester<'_> {
    async fn turn(&mut self) -> Result<(), Failure> {
        if self.regions_read.elapsed() > REGIONS_FOR {
            self.read_regions().await?;
        }
        let now_ms = self.app.link.short().await?.time_ms().await?;
        self.app.clock.observe(now_ms);
        let count = (ENTRIES / self.heard.len().max(1)).max(ENTRIES_EACH);
        let entries = self.read(count).await?;
        let heard_ms = heard_up_to(&entries, count, now_ms);
        self.refresh(&entries).await?;
        let batch = Batch::sort(entries, &self.ledger, &self.regions);
        self.board.tick(heard_ms, &self.ledger);
        let news = self.commit(&batch, heard_ms).await?;
        self.positions.extend(batch.positions.clone());
        self.ask_again().await?;
        self.tell(&news).await?;
        self.tell_tried(&batch).await;
        self.after(&batch).await?;
        self.measure(heard_ms / 1000);
        Ok(())
    }

    /// Waits for results, but not while there are slots to close.
    async fn read(&mut self, count: usize) -> Result<Vec<ResultEntry>, Failure> {
        let behind = self.app.clock.now() - self.app.config.times.close.as_secs() as i64 - self.ledger.closed;
        let patience = if behind > 2 { Duration::from_millis(1) } else { self.app.config.times.results_block };
        let (line, keys) = (&mut self.reading, self.keys);
        let reading = wire::read_results(line, keys, &self.heard, &self.positions, count, patience);
        Ok(timeout(patience + OVERDUE, reading).await.map_err(|_| Failure::Overdue)??)
    }

    /// Brings the ledger to the frontier as it is after the read: every job of what was read lies at or before it.
    async fn refresh(&mut self, entries: &[ResultEntry]) -> Result<(), Failure> {
        let (frontier, _) = store::lanes::position(&self.session, self.lane).await?;
        let changed = store::schedule::changed_cadences(&self.session, self.lane, self.ledger.frontier).await?;
        let edited = self.ledger.refresh(frontier, changed);
        let unknown = unknown_ids(entries, &self.ledger);
        if !unknown.is_empty() {
            for (id, key) in store::schedule::keys(&self.session, &unknown).await? {
                self.ledger.know(id, key);
            }
        }
        // A schedule changes with the status a person sees and with the rules it goes by, so these are read again.
        let edited: Vec<_> = edited.into_iter().collect();
        if !edited.is_empty() {
            for (monitor, rules) in store::statuses::rules_of(&self.session, &edited).await? {
                self.board.goes_by(monitor, rules);
            }
        }
        self.read_statuses(&edited).await
    }

    async fn read_statuses(&mut self, monitors: &[MonitorKey]) -> Result<(), Failure> {
        if !monitors.is_empty() {
            for row in store::statuses::of(&self.session, monitors).await? {
                self.board.stored(row);
            }
        }
        Ok(())
    }

    /// One transaction: rows, facts, missed slots, statuses, incidents, and last the fence.
    async fn commit<'b>(&mut self, batch: &'b Batch, heard_ms: i64) -> Result<News<'b>, Failure> {
        let closing = self.closing(heard_ms);
        let renew = self.fenced.elapsed() > self.app.config.times.lane_lease / 4;
        if batch.accepted.is_empty() && batch.facts.is_empty() && closing == self.ledger.closed && !renew {
            self.count(batch, &[], 0);
            return Ok(News::default());
        }
        self.session.begin().await?;
        let stored = store::outcomes::store(&self.session, &batch.accepted).await?;
        let new = self.hear(batch, &stored).await?;
        for ((region, _), (facts, said_ms)) in &batch.facts {
            store::workers::seen(&self.session, *region, facts, *said_ms).await?;
            self.fleet.hear(*region, facts, *said_ms);
        }
        let missed = self.close(closing, heard_ms).await?;
        let last_ms = batch.positions.values().map(|entry| entry.ms as i64).max().unwrap_or(heard_ms);
        let backlog = self.app.clock.now_ms() - heard_ms > BACKLOG_MS;
        let moment = Moment { at: last_ms.max(heard_ms) / 1000, hold: if backlog { BACKLOG_HOLD } else { 0 } };
        let mut news = News { new, at: moment.at, ..News::default() };
        self.follow(heard_ms, moment, &mut news).await?;
        let lease = self.app.config.times.lane_lease;
        let position = (closing, heard_ms / 1000);
        store::lanes::fence_and_commit(&self.session, self.lane, self.epoch, position, lease).await?;
        self.fenced = Instant::now();
        self.ledger.closed = closing;
        self.count(batch, &news.new, missed);
        Ok(news)
    }

    /// How far this turn closes: results up to `heard_ms` are in, so slots older than that by H are settled.
    fn closing(&self, heard_ms: i64) -> i64 {
        let settled = heard_ms / 1000 - self.app.config.times.close.as_secs() as i64;
        let rate = self.ledger.rate(self.regions.len()).max(1.0);
        let most = ((CLOSE_ROWS / rate) as i64).clamp(1, CLOSE_SLOTS);
        settled.min(self.ledger.frontier).min(self.ledger.closed + most).max(self.ledger.closed)
    }

    /// Hands the rows that are new to the board, keeps the first failures among them, and returns them.
    async fn hear<'b>(&mut self, batch: &'b Batch, stored: &Stored) -> Result<Vec<&'b Accepted>, Failure> {
        let is_new = |accepted: &&Accepted| match stored {
            Stored::All => true,
            Stored::Only(keys) => keys.contains(&accepted.key()),
        };
        let new: Vec<_> = batch.accepted.iter().filter(is_new).collect();
        let mut failures: HashMap<_, FirstFailure> = HashMap::new();
        for accepted in &new {
            if self.board.hear(accepted.monitor, evidence(accepted), &self.ledger) {
                let failure = first_failure(accepted);
                failures.extend(failure.map(|failure| ((failure.monitor, failure.region), failure)));
            }
            self.hear_certificate(accepted);
        }
        if !failures.is_empty() {
            store::incidents::keep_failures(&self.session, &failures.into_values().collect::<Vec<_>>()).await?;
        }
        Ok(new)
    }

    fn hear_certificate(&mut self, accepted: &Accepted) {
        let interval = self.ledger.interval_at(accepted.monitor, accepted.heard_ms / 1000);
        if let (Some(not_after), Some(interval)) = (accepted.outcome.cert_not_after, interval) {
            self.certificates.hear(accepted.monitor, not_after, accepted.heard_ms, interval);
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
            self.board.hear(*monitor, said, &self.ledger);
        }
        Ok(missed.len() as u64)
    }
}

/// What a turn committed that others have to hear of.
#[derive(Default)]
struct News<'b> {
    new: Vec<&'b Accepted>,
    /// Unix seconds, as in what was written.
    at: i64,
    changes: Vec<Change>,
    happened: Happened,
    regions: Vec<(&'static str, RegionKey)>,
}

fn evidence(accepted: &Accepted) -> Evidence {
    let outcome = &accepted.outcome;
    Evidence {
        region: accepted.region,
        slot: outcome.slot,
        attempt: outcome.attempt.into(),
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
        attempt: outcome.attempt.into(),
        reason: outcome.reason?,
        detail: outcome.detail.clone(),
        evidence,
    })
}
