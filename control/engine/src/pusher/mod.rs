//! Puts due checks on the streams, in bulk, once a second: stateless, one per lane.
//!
//! Each turn fixes the frontier, reads what is due straight from PostgreSQL and pushes it in chunks whose cursor moves
//! with them. No monitor is ever written to be scheduled. What is too old to be pushed becomes one row of `skips`. The
//! pusher does not know outcomes, leases or verdicts.

mod chunk;
mod plan;

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    clocks,
    keys::{Lane, MonitorKey},
    schedule::RegionRow,
    time::{Millis, Slot},
};
use futures_util::TryStreamExt;
use store::lanes::Front;
use tokio::sync::mpsc;
use wire::{Cursor, Pushed};

use crate::{Engine, lane::progress::Progress, metrics::Stage};

use chunk::Chunk;
use plan::{Plan, View, plan};

/// Chunks read while one is pushed.
const CHUNKS_AHEAD: usize = 2;

/// Why a turn came to nothing. The next one begins anew.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Redis(#[from] wire::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Clocks(#[from] clocks::Apart),
}

/// Pushes a lane's due checks for as long as it is polled. Errors are said once and tried again.
pub(crate) async fn run(engine: Arc<Engine>, lane: Lane, keys: wire::Keys, progress: Arc<Progress>) {
    let condition = condition(lane);
    let mut pusher = Pusher { engine: &engine, lane, keys: &keys, progress: &progress, line: None, paused: false };
    let mut failing = false;
    loop {
        let turn = pusher.turn().await;
        match &turn {
            Ok(_) if failing => tracing::info!(%lane, "checks are pushed again"),
            Ok(_) => {}
            Err(why) if failing => tracing::debug!(%lane, %why, "still no check is pushed"),
            Err(why) => tracing::warn!(%lane, %why, "no check is pushed until this is over"),
        }
        failing = turn.is_err();
        if failing {
            pusher.line = None;
        }
        engine.health.set(&condition, turn.as_ref().map(|_| ()).map_err(ToString::to_string));
        let now_ms = turn.unwrap_or_else(|_| engine.clock.now_ms());
        // To the beginning of the next second by Redis' clock.
        tokio::time::sleep(Duration::from_millis(1000 - now_ms.rem_euclid(1000) as u64)).await;
    }
}

/// What `/readyz` calls a lane's pusher.
pub(crate) fn condition(lane: Lane) -> String {
    format!("lane {lane} pusher")
}

struct Pusher<'a> {
    engine: &'a Engine,
    lane: Lane,
    keys: &'a wire::Keys,
    progress: &'a Progress,
    line: Option<wire::Pusher>,
    paused: bool,
}

impl Pusher<'_> {
    /// One turn. Returns Redis' milliseconds at its end, about.
    async fn turn(&mut self) -> Result<i64, Failure> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => wire::Pusher::new(self.engine.link.own().await?, self.keys.clone()),
        };
        let asked = Instant::now();
        let (now_ms, watermark) = line.look().await?;
        self.engine.clock.observe(now_ms);
        let front = store::lanes::advance_frontier(&self.engine.work, self.lane, now_ms.div_euclid(1000)).await?;
        clocks::agree(now_ms, front.clock_ms, asked.elapsed())?;
        let regions = store::schedule::regions(&self.engine.work).await?;
        let plan = plan(self.view(now_ms, watermark, front));
        self.note(&plan).await?;
        self.push(&mut line, watermark, plan, &regions).await?;
        self.line = Some(line);
        Ok(self.engine.clock.now_ms())
    }

    fn view(&self, now_ms: i64, watermark: Option<Cursor>, front: Front) -> View {
        View {
            now: Millis(now_ms).slot(),
            watermark,
            closed: Slot(front.closed),
            heard: self.progress.heard_up_to(),
            late_after: self.engine.config.times.late.into(),
            was_paused: self.paused,
        }
    }

    /// Keeps account of what is not pushed, before the cursor jumps over it.
    async fn note(&mut self, plan: &Plan) -> Result<(), Failure> {
        if plan.paused != self.paused {
            tracing::warn!(lane = %self.lane, paused = plan.paused, "results pile up unread: pushing pauses until they drain");
        }
        self.paused = plan.paused;
        let Some(skip) = plan.skip else { return Ok(()) };
        tracing::warn!(
            lane = %self.lane, from = %skip.from, to = %skip.to, reason = %skip.reason,
            "slots are too old to be pushed; they end as missed"
        );
        Ok(store::skips::add(&self.engine.work, self.lane, skip.from.0, skip.to.0, skip.reason).await?)
    }

    /// Pushes what is due from the plan's cursor to its end: while a chunk is on its way, the next one is read.
    async fn push(
        &self,
        line: &mut wire::Pusher,
        watermark: Option<Cursor>,
        plan: Plan,
        regions: &[RegionRow],
    ) -> Result<(), Failure> {
        if plan.skip.is_none() && plan.to.0 < plan.from.slot {
            return Ok(());
        }
        let (ready, chunks) = mpsc::channel(CHUNKS_AHEAD);
        let (read, pushed) = tokio::join!(self.read(plan, regions, ready), self.flush_all(line, watermark, chunks));
        read.and(pushed)
    }

    /// Reads what is due into chunks. The last one, which may be empty, moves the cursor behind all of it.
    async fn read<'r>(
        &self,
        plan: Plan,
        regions: &'r [RegionRow],
        ready: mpsc::Sender<(Chunk<'r>, Cursor)>,
    ) -> Result<(), Failure> {
        let new = || Chunk::new(self.engine.config.times.late.into(), regions);
        let mut chunk = new();
        let db = self.engine.work.get().await?;
        for slot in plan.from.slot..=plan.to.0 {
            let after = if slot == plan.from.slot { plan.from.last } else { 0 };
            let after = MonitorKey(i32::try_from(after).unwrap_or(i32::MAX));
            let mut due = pin!(store::schedule::due(&db, self.lane, slot, after).await?);
            while let Some(monitor) = due.try_next().await? {
                chunk.add(Slot(slot), monitor);
                if chunk.is_full() {
                    let end = chunk.end();
                    if ready.send((std::mem::replace(&mut chunk, new()), end)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
        let end = Cursor::start_of(plan.from.slot.max(plan.to.next().0));
        // That nobody takes it means that another pusher is at work.
        let _ = ready.send((chunk, end)).await;
        Ok(())
    }

    /// Pushes chunks as they come. A moved watermark means another pusher is at work: stop.
    async fn flush_all(
        &self,
        line: &mut wire::Pusher,
        mut watermark: Option<Cursor>,
        mut chunks: mpsc::Receiver<(Chunk<'_>, Cursor)>,
    ) -> Result<(), Failure> {
        while let Some((chunk, end)) = chunks.recv().await {
            if !self.flush(line, watermark, &chunk, end).await? {
                return Ok(());
            }
            watermark = Some(end);
        }
        Ok(())
    }

    /// Pushes the chunk and moves the watermark to `to`. False where somebody else did.
    async fn flush(
        &self,
        line: &mut wire::Pusher,
        watermark: Option<Cursor>,
        chunk: &Chunk<'_>,
        to: Cursor,
    ) -> Result<bool, Failure> {
        let now_ms = self.engine.clock.now_ms();
        let entries = chunk.entries();
        let min_id = now_ms - self.engine.config.times.trim.as_millis() as i64;
        if line.push(watermark, &entries, to, min_id).await? == Pushed::Moved {
            tracing::debug!(lane = %self.lane, "another pusher moved the watermark");
            return Ok(false);
        }
        let metrics = &self.engine.metrics;
        metrics.pusher_jobs.with_label_values(&[self.lane.to_string()]).inc_by(entries.len() as u64);
        metrics.pusher_lag.set(self.lane, (now_ms / 1000 + 1 - to.slot).max(0) as f64);
        let stage = self.engine.metrics.stage(Stage::DueToQueued);
        chunk.slots().for_each(|slot| stage.observe((now_ms - slot.start().0).max(0) as f64 / 1000.0));
        Ok(true)
    }
}
