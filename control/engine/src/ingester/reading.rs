//! Looking at what waits on the results streams, and reading as much of it as there is room for.

use std::time::{Duration, Instant};

use domain::ledger::Dropped;
use wire::{Region, ResultEntry};

use super::{
    Failure, Ingester,
    intake::{Intake, Look, intake},
    warnings::About,
};

/// Between two looks at streams that are empty.
const LOOK: Duration = Duration::from_millis(25);

impl Ingester<'_> {
    /// Looks at the streams until there is something to read, but not while there are slots to close.
    pub(super) async fn look(&mut self) -> Result<Look, Failure> {
        let began = Instant::now();
        loop {
            let look = self.look_once().await?;
            let settled = look.now_ms / 1000 - self.engine.config.times.close.as_secs() as i64;
            // What is not fixed yet cannot be closed: while nobody pushes, there is nothing to hurry for.
            let behind = settled.min(self.ledger.frontier) - self.ledger.closed;
            if behind > 2 || !look.wanted.is_empty() || began.elapsed() >= self.engine.config.times.results_block {
                return Ok(look);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn look_once(&mut self) -> Result<Look, Failure> {
        let asked = Instant::now();
        let (now_ms, backlogs) = wire::look_at_results(&mut self.reading, self.keys, &self.heard).await?;
        self.engine.clock.observe(now_ms);
        let talking = backlogs.iter().filter(|backlog| backlog.entries > 0).count();
        self.hearing.looks(now_ms);
        let (mut wanted, mut flooded) = (Vec::new(), Vec::new());
        for (region, backlog) in self.heard.iter().zip(backlogs) {
            self.hearing.waits(region, backlog.entries, now_ms);
            match intake(backlog, talking, self.hearing.flood(region)) {
                Intake::Nothing => {}
                Intake::Read(count) => wanted.push((region.clone(), count)),
                Intake::Flooded(entries) => flooded.push((region.clone(), entries)),
            }
        }
        for (region, entries) in flooded {
            self.throw_away(&region, entries, now_ms).await?;
        }
        Ok(Look { now_ms, asked, wanted })
    }

    /// Throws away unread what a region wrote: more than its probes can have.
    async fn throw_away(&mut self, region: &Region, entries: u64, now_ms: i64) -> Result<(), Failure> {
        if self.is_news(About::Flood, Some(region)) {
            tracing::warn!(%region, entries, "a region writes more results than its probes can have: they are thrown away");
        }
        self.engine.metrics.ingest.dropped(Dropped::Flooded, entries);
        let what = format!("more results than probes can report: {entries} entries were thrown away unread");
        self.begin_anew(region, what, now_ms).await
    }

    /// Has a region's stream begin anew: nothing on it is waited for any more, and operators are told of `what` it did.
    pub(super) async fn begin_anew(&mut self, region: &Region, what: String, now_ms: i64) -> Result<(), Failure> {
        wire::reset_results(&mut self.reading, self.keys, region).await?;
        self.positions.remove(region);
        self.hearing.waits(region, 0, now_ms);
        self.odd.insert(region.clone(), what);
        Ok(())
    }

    pub(super) async fn read(&mut self, look: &Look) -> Result<Vec<ResultEntry>, Failure> {
        let entries = wire::read_results(&mut self.reading, self.keys, &look.wanted, &self.positions).await?;
        for (region, _) in &look.wanted {
            let read = entries.iter().filter(|entry| entry.region == *region).count() as u64;
            self.hearing.read(region, read);
            if read == 0 {
                // There are entries, and none after our position: the stream is another one than it was.
                self.positions.remove(region);
            }
        }
        Ok(entries)
    }
}
