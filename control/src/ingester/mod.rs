//! Turns what regions report into rows, statuses and closed slots: one per lane, on a PostgreSQL session of its own.
//!
//! Each turn reads every region's results, stores them in one transaction whose last statement is the fence, and only
//! then trims what it read. Any error ends the ingester with everything it believed: whoever takes the lane next reads
//! from the beginning again, and the keys of rows say what was new. It does not push, and it calls nobody.

mod batch;
mod board;

use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use wire::{Line, Outcome, Positions, Region, ResultEntry, Verdict};

use crate::{
    app::App,
    keys::Lane,
    ledger::{Accepted, Ledger, RegionRow},
    metrics::Stage,
    status::Evidence,
    store::{self, Session, outcomes::Stored},
};
use batch::{Batch, heard_up_to, unknown_ids};
use board::Board;

/// Entries read in a turn, over all regions, and of each at least. An entry is a worker's batch, at most 512 outcomes, so
/// that a turn stays well within the lease.
const ENTRIES: usize = 128;
const ENTRIES_EACH: usize = 8;
/// Slots closed in a transaction at most, and about how many rows that may make.
const CLOSE_SLOTS: i64 = 60;
const CLOSE_ROWS: f64 = 50_000.0;
/// A blocking read has no response timeout; one this much overdue is on a connection that died without a word.
const OVERDUE: Duration = Duration::from_secs(5);
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
    regions: Vec<RegionRow>,
    /// Whose results are read: registered regions, and with `regions.auto` every group on the shared stream.
    heard: Vec<Region>,
    regions_read: Instant,
    positions: Positions,
    fenced: Instant,
}

impl<'a> Ingester<'a> {
    /// Reads everything a lane's ingester goes by.
    async fn begin(
        app: &'a App,
        lane: Lane,
        keys: &'a wire::Keys,
        epoch: i64,
        session: Session,
    ) -> Result<Self, Failure> {
        let (frontier, closed) = store::lanes::position(&session, lane).await?;
        let mut ledger = Ledger::new(closed);
        for (id, key) in store::schedule::keys_of_lane(&session, lane).await? {
            ledger.know(id, key);
        }
        ledger.refresh(frontier, store::schedule::cadences(&session, lane, closed).await?);
        let mut board = Board::default();
        for row in store::statuses::of_lane(&session, lane).await? {
            board.stored(row);
        }
        let now = app.clock.now();
        for (monitor, evidence) in store::statuses::evidence(&session, lane, closed, now).await? {
            board.hear(monitor, evidence, &ledger);
        }
        let mut ingester = Self {
            app,
            lane,
            keys,
            epoch,
            session,
            reading: app.link.blocking().await?,
            ledger,
            board,
            regions: Vec::new(),
            heard: Vec::new(),
            regions_read: Instant::now(),
            positions: Positions::new(),
            fenced: Instant::now(),
        };
        ingester.read_regions().await?;
        Ok(ingester)
    }

    async fn read_regions(&mut self) -> Result<(), Failure> {
        self.regions = store::schedule::regions(&self.app.db).await?;
        self.heard = self.regions.iter().map(|row| row.region.clone()).collect();
        if self.app.config.regions.auto {
            let found = wire::groups_on(&mut self.app.link.short().await?, self.keys).await?;
            self.heard.extend(found.into_iter().filter(|name| self.regions.iter().all(|row| row.region != *name)));
        }
        self.regions_read = Instant::now();
        Ok(())
    }

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
        self.commit(&batch, heard_ms).await?;
        self.positions.extend(batch.positions.clone());
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
        // A schedule changes with the status a person sees, so that is read again.
        self.read_statuses(&edited.into_iter().collect::<Vec<_>>()).await
    }

    async fn read_statuses(&mut self, monitors: &[crate::keys::MonitorKey]) -> Result<(), Failure> {
        if !monitors.is_empty() {
            for row in store::statuses::of(&self.session, monitors).await? {
                self.board.stored(row);
            }
        }
        Ok(())
    }

    /// One transaction: rows, facts, missed slots, statuses, and last the fence.
    async fn commit(&mut self, batch: &Batch, heard_ms: i64) -> Result<(), Failure> {
        let closing = self.closing(heard_ms);
        let renew = self.fenced.elapsed() > self.app.config.times.lane_lease / 4;
        if batch.accepted.is_empty() && batch.facts.is_empty() && closing == self.ledger.closed && !renew {
            self.count(batch, &[], 0);
            return Ok(());
        }
        self.session.begin().await?;
        let stored = store::outcomes::store(&self.session, &batch.accepted).await?;
        let new = self.hear(batch, &stored);
        for ((region, _), (facts, said_ms)) in &batch.facts {
            store::workers::seen(&self.session, *region, facts, *said_ms).await?;
        }
        let missed = self.close(closing, heard_ms).await?;
        self.write_statuses(heard_ms).await?;
        let lease = self.app.config.times.lane_lease;
        store::lanes::fence_and_commit(&self.session, self.lane, self.epoch, closing, lease).await?;
        self.fenced = Instant::now();
        self.ledger.closed = closing;
        self.count(batch, &new, missed);
        Ok(())
    }

    /// How far this turn closes: results up to `heard_ms` are in, so slots older than that by H are settled.
    fn closing(&self, heard_ms: i64) -> i64 {
        let settled = heard_ms / 1000 - self.app.config.times.close.as_secs() as i64;
        let rate = self.ledger.rate(self.regions.len()).max(1.0);
        let most = ((CLOSE_ROWS / rate) as i64).clamp(1, CLOSE_SLOTS);
        settled.min(self.ledger.frontier).min(self.ledger.closed + most).max(self.ledger.closed)
    }

    /// Hands the rows that are new to the board, and returns them.
    fn hear<'b>(&mut self, batch: &'b Batch, stored: &Stored) -> Vec<&'b Accepted> {
        let is_new = |accepted: &&Accepted| match stored {
            Stored::All => true,
            Stored::Only(keys) => keys.contains(&accepted.key()),
        };
        let new: Vec<_> = batch.accepted.iter().filter(is_new).collect();
        for accepted in &new {
            let outcome = &accepted.outcome;
            let evidence = Evidence {
                region: accepted.region,
                slot: outcome.slot,
                attempt: outcome.attempt.into(),
                verdict: outcome.verdict,
                heard_ms: accepted.heard_ms,
            };
            self.board.hear(accepted.monitor, evidence, &self.ledger);
        }
        new
    }

    /// Closes slots up to `closing`. Returns how many nobody had checked.
    async fn close(&mut self, closing: i64, heard_ms: i64) -> Result<u64, Failure> {
        if closing == self.ledger.closed {
            return Ok(0);
        }
        let missed = store::outcomes::close(&self.session, self.lane, self.ledger.closed + 1, closing).await?;
        for (slot, monitor, region) in &missed {
            let verdict = Verdict::Missed;
            let evidence = Evidence { region: *region, slot: *slot, attempt: 0, verdict, heard_ms };
            self.board.hear(*monitor, evidence, &self.ledger);
        }
        Ok(missed.len() as u64)
    }

    /// Writes changed statuses. One that a person changed meanwhile is read again and decided once more; should that
    /// fail as well, the next turn finds it.
    async fn write_statuses(&mut self, heard_ms: i64) -> Result<(), Failure> {
        for _ in 0..2 {
            let changes = self.board.changes(heard_ms, &self.ledger);
            if changes.is_empty() {
                return Ok(());
            }
            let written = store::statuses::change(&self.session, &changes, heard_ms / 1000).await?;
            let (done, lost): (Vec<_>, Vec<_>) = changes.into_iter().partition(|row| written.contains(&row.monitor));
            for row in done {
                self.board.stored(store::statuses::StatusRow { version: row.version + 1, ..row });
            }
            self.read_statuses(&lost.iter().map(|row| row.monitor).collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    /// What may only happen once the rows are safe.
    async fn after(&mut self, batch: &Batch) -> Result<(), Failure> {
        for name in &batch.strangers {
            if self.app.config.regions.auto {
                tracing::info!(region = %name, "a region's first worker was heard: the region is registered");
                store::schedule::register_region(&self.app.db, name).await?;
                self.regions_read = Instant::now().checked_sub(REGIONS_FOR * 2).unwrap_or(self.regions_read);
            }
        }
        if batch.positions.is_empty() {
            return Ok(());
        }
        let mut line = self.app.link.short().await?;
        for entry in &batch.dead {
            tracing::warn!(region = %entry.region, entry = %entry.id, "results that cannot be read go to the dead letters");
            wire::bury(&mut line, self.keys, entry).await?;
        }
        Ok(wire::trim_results(&mut line, self.keys, &batch.positions).await?)
    }

    fn count(&self, batch: &Batch, new: &[&Accepted], missed: u64) {
        let metrics = &self.app.metrics;
        let of = |verdict| new.iter().filter(|each| each.outcome.verdict == verdict).count() as u64;
        for verdict in Verdict::ALL {
            let closed = if *verdict == Verdict::Missed { missed } else { 0 };
            metrics.stored(*verdict, of(*verdict) + closed);
        }
        metrics.ingest_duplicates.inc_by(batch.duplicates + (batch.accepted.len() - new.len()) as u64);
        batch.dropped().into_iter().for_each(|(why, outcomes)| metrics.dropped(why, outcomes));
        self.time(new);
    }

    /// Where the time of freshly stored checks went.
    fn time(&self, new: &[&Accepted]) {
        let stage = |stage| self.app.metrics.stage(stage);
        let (queued, check, stored) =
            (stage(Stage::QueuedToStarted), stage(Stage::Check), stage(Stage::FinishedToStored));
        let now_ms = self.app.clock.now_ms();
        let checked = |outcome: &&Outcome| outcome.verdict != Verdict::Missed;
        for outcome in new.iter().map(|accepted| &accepted.outcome).filter(checked) {
            let took = outcome.phases.total().as_secs_f64();
            queued.observe((outcome.started_ms - outcome.slot * 1000).max(0) as f64 / 1000.0);
            check.observe(took);
            stored.observe(((now_ms - outcome.started_ms) as f64 / 1000.0 - took).max(0.0));
        }
    }

    fn measure(&self, heard: i64) {
        let lane = &[self.lane.to_string()];
        let lag = heard - self.ledger.closed;
        self.app.metrics.closed_lag.with_label_values(lane).set(lag as f64);
    }
}
