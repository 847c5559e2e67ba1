//! The ends of a probe's work: jobs put on a lane, outcomes counted off it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use uuid::Uuid;
use wire::{Entry, Keys, Line, Link, MonitorId, Payload, Positions, Region, Target, Verdict};

use testbed::clock::unix_now;

/// Jobs in one transaction.
pub(super) const CHUNK: usize = 500;
/// Between two looks at results where there were none.
const PAUSE: Duration = Duration::from_millis(20);

/// A lane of a private Redis and its one region.
pub(super) struct Lane {
    pub(super) line: Line,
    pub(super) keys: Keys,
    pub(super) region: Region,
}

impl Lane {
    pub(super) async fn open(redis_url: &str) -> Result<Self> {
        let line = Link::new(redis_url, 1)?.own().await?;
        Ok(Self { line, keys: Keys::new("betteruptime:website", 0)?, region: "eu-west".parse()? })
    }

    /// Puts `count` jobs for `url` on the lane that are due now and good for an hour.
    pub(super) async fn push(&mut self, url: &str, count: usize, spec: Option<&str>) -> Result<()> {
        let slot = unix_now();
        for begin in (0..count).step_by(CHUNK) {
            let ids: Vec<_> =
                (begin..count.min(begin + CHUNK)).map(|n| MonitorId(Uuid::from_u128(n as u128))).collect();
            let until = slot + 3_600;
            let job =
                |id: &MonitorId| Entry { target: Target::All, id: *id, url, slot, until, attempt: 0, spec, rev: 0 };
            let jobs: Vec<_> = ids.iter().map(job).collect();
            wire::push_one(&mut self.line, &self.keys, &jobs, 0).await?;
        }
        Ok(())
    }

    /// Counts outcomes by verdict, trimming as it reads, until `wanted` were seen or `limit` is over. Also returns when
    /// the last one came.
    pub(super) async fn count(
        &mut self,
        positions: &mut Positions,
        wanted: usize,
        limit: Duration,
    ) -> Result<(BTreeMap<Verdict, usize>, Instant)> {
        let deadline = Instant::now() + limit;
        let mut counts = BTreeMap::new();
        let mut last = Instant::now();
        let wanted_of = [(self.region.clone(), 100)];
        while counts.values().sum::<usize>() < wanted && Instant::now() < deadline {
            let entries = wire::read_results(&mut self.line, &self.keys, &wanted_of, positions).await?;
            if entries.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
            for entry in &entries {
                positions.insert(entry.region.clone(), entry.id);
                let Ok(Payload::Outcomes(batch)) = &entry.payload else { continue };
                last = Instant::now();
                batch.outcomes.iter().for_each(|outcome| *counts.entry(outcome.verdict).or_default() += 1);
            }
            wire::trim_results(&mut self.line, &self.keys, positions).await?;
        }
        Ok((counts, last))
    }
}
