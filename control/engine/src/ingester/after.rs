//! What may only happen once the rows are safe. The end of what was read comes first; rechecks, news for dashboards, dead
//! letters and new regions are as good as Redis and PostgreSQL allow, and hold up nothing.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use channels::live::Notice;
use chrono::{DateTime, SecondsFormat};
use domain::{
    event::{Beat, Event},
    ids::OrgId,
    keys::MonitorKey,
    ledger::Accepted,
    schedule::owing,
    status_tracker::{Ask, Change},
    time::Millis,
};
use store::{schedule::DueMonitor, statuses::Owned};
use tokio::time::timeout;
use wire::{Entry, Region, Target};

use super::{Failure, Ingester, News, batch::Batch, warnings::About};
use crate::metrics::Unsent;

/// How long an answer of Redis is waited for where nothing depends on it.
const PATIENCE: Duration = Duration::from_secs(1);
/// Dead letters kept of a turn.
const BURIED: usize = 32;
/// Jobs in one transaction of Redis.
const CHUNK: usize = 500;

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Redis(#[from] wire::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("Redis takes too long")]
    Late(#[from] tokio::time::error::Elapsed),
}

/// An answer of Redis, if it comes soon: one that hangs would hold up the turn, and at last lose the lane.
async fn soon<T>(answer: impl Future<Output = Result<T, wire::Error>>) -> Result<T, Why> {
    Ok(timeout(PATIENCE, answer).await??)
}

impl Ingester<'_> {
    /// Puts rechecks on the streams of the regions they are for. One that is lost, with this process or because Redis takes
    /// none, is made up for by the next owner of the lane, or by the next slot.
    pub(super) async fn ask_again(&mut self) {
        let now_ms = self.engine.clock.now_ms();
        let asks = self.tracker.asks(Millis(now_ms), self.engine.config.times.late.into());
        if asks.is_empty() {
            return;
        }
        match self.ask(&asks, now_ms).await {
            Ok(jobs) => tracing::debug!(lane = %self.lane, rounds = asks.len(), jobs, "rechecks were asked for"),
            Err(why) => {
                self.engine.metrics.ingest.unsent(Unsent::Recheck, asks.len());
                if self.is_news(About::Unasked, None) {
                    tracing::warn!(lane = %self.lane, %why, rounds = asks.len(), "rechecks could not be asked for");
                }
            }
        }
    }

    /// Returns how many jobs that took.
    async fn ask(&self, asks: &[Ask], now_ms: i64) -> Result<usize, Why> {
        let times = &self.engine.config.times;
        let monitors: Vec<_> = asks.iter().map(|ask| ask.monitor).collect();
        let targets = store::schedule::targets(&self.engine.work, &monitors).await?;
        let targets: HashMap<_, _> = targets.iter().map(|target| (target.key, target)).collect();
        let asked = asks.iter().filter_map(|ask| Some((ask, *targets.get(&ask.monitor)?)));
        let until = now_ms / 1000 + times.late.as_secs() as i64;
        let jobs = asked.flat_map(|(ask, target)| {
            self.regions_of(ask, target, now_ms / 1000).map(move |region| job(ask, target, region, until))
        });
        let jobs: Vec<_> = jobs.collect();
        self.push(&jobs, now_ms - times.trim.as_millis() as i64).await?;
        Ok(jobs.len())
    }

    async fn push(&self, jobs: &[Entry<'_>], min_id_ms: i64) -> Result<(), Why> {
        let mut line = soon(self.engine.link.short()).await?;
        for chunk in jobs.chunks(CHUNK) {
            soon(wire::push_one(&mut line, self.keys, chunk, min_id_ms)).await?;
        }
        Ok(())
    }

    fn regions_of<'b>(
        &'b self,
        ask: &'b Ask,
        target: &'b DueMonitor,
        now: i64,
    ) -> impl Iterator<Item = &'b Region> + use<'b> {
        let owing = owing(&self.regions, target.regions.as_deref(), now);
        owing.filter(|row| !ask.but.contains(&row.key)).map(|row| &row.region)
    }

    /// Tells dashboards.
    pub(super) async fn tell(&mut self, news: &News) -> Result<(), Failure> {
        let mut notices = Vec::new();
        if !news.new.is_empty() && self.engine.live.is_watched().await {
            self.know_owners(news.new.iter().map(|accepted| accepted.monitor)).await?;
            notices.extend(self.beats(&news.new));
        }
        self.know_owners(news.happened.events.iter().filter_map(|(_, _, monitor)| *monitor)).await?;
        notices.extend(news.changes.iter().filter_map(|change| status_notice(change, news.at, &self.owners)));
        for (event, incident, monitor) in &news.happened.events {
            if let Some(owned) = monitor.and_then(|monitor| self.owners.get(&monitor)) {
                notices.push(Notice::of(owned.organisation, event.event(*incident, Some(owned.id))));
            }
        }
        for (is_up, region) in &news.regions {
            let row = self.regions.iter().find(|row| row.key == *region);
            let event = row.map(|row| row.region.clone()).map(|region| match is_up {
                true => Event::RegionUp { region },
                false => Event::RegionDown { region },
            });
            notices.extend(event.map(Notice::for_all));
        }
        if !notices.is_empty() {
            self.engine.live.publish(&notices).await;
        }
        Ok(())
    }

    async fn know_owners(&mut self, monitors: impl Iterator<Item = MonitorKey>) -> Result<(), Failure> {
        let mut unknown: Vec<_> = monitors.filter(|monitor| !self.owners.contains_key(monitor)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            self.owners.extend(store::statuses::owners(&self.session, &unknown).await?);
        }
        Ok(())
    }

    /// One notice an organisation, of everything that was stored.
    fn beats(&self, new: &[Accepted]) -> Vec<Notice> {
        let mut by_tenant: HashMap<OrgId, Vec<Beat>> = HashMap::new();
        for accepted in new {
            let owner = self.owners.get(&accepted.monitor);
            let region = self.regions.iter().find(|row| row.key == accepted.region);
            let (Some(owner), Some(region)) = (owner, region) else { continue };
            let outcome = &accepted.outcome;
            let beat = Beat {
                monitor: owner.id,
                region: region.region.clone(),
                slot: outcome.slot,
                attempt: outcome.attempt,
                verdict: outcome.verdict,
                ms: outcome.phases.total().as_millis() as u64,
            };
            by_tenant.entry(owner.organisation).or_default().push(beat);
        }
        by_tenant.into_iter().map(|(organisation, beats)| Notice::of(organisation, Event::Beat { beats })).collect()
    }

    /// Drops what was read and committed. A stream with an id far ahead begins anew: whatever was added to it after that would
    /// have such an id too.
    pub(super) async fn trim(&mut self, batch: &Batch, now_ms: i64) -> Result<(), Failure> {
        if batch.positions.is_empty() {
            return Ok(());
        }
        match wire::trim_results(&mut self.reading, self.keys, &batch.positions).await {
            // It is read again, and its keys say that it was.
            Err(why) if why.is_refused() => {
                if self.is_news(About::Untrimmed, None) {
                    tracing::warn!(lane = %self.lane, %why, "Redis keeps what was read");
                }
            }
            trimmed => trimmed?,
        }
        for region in &batch.ahead {
            if self.is_news(About::Ahead, Some(region)) {
                tracing::warn!(%region, "a region wrote results under an id ahead of Redis' time: its stream begins anew");
            }
            let what = "results under ids ahead of Redis' time: they were thrown away, and its stream began anew";
            self.begin_anew(region, what.to_owned(), now_ms).await?;
        }
        Ok(())
    }

    /// Puts what nobody can read, or store, where people can look at it: some of it. What Redis does not take is counted, and
    /// not read again: it was trimmed, so that nobody can keep a full Redis full.
    pub(super) async fn dead_letter(&mut self, batch: &Batch) {
        if batch.dead.is_empty() {
            return;
        }
        self.tell_of_dead(batch);
        let kept = batch.dead.len().min(BURIED);
        if let Err(why) = self.dead_letter_some(batch, kept).await {
            self.engine.metrics.ingest.unsent(Unsent::DeadLetter, kept);
            if self.is_news(About::Unburied, None) {
                tracing::warn!(lane = %self.lane, %why, "dead letters could not be kept");
            }
        }
    }

    fn tell_of_dead(&mut self, batch: &Batch) {
        let mut by_region = BTreeMap::new();
        for (place, why) in &batch.dead {
            let entry = &batch.entries[*place];
            by_region.entry(&entry.region).or_insert((entry.id, why, 0)).2 += 1;
        }
        for (region, (entry, why, count)) in by_region {
            if self.is_news(About::Dead, Some(region)) {
                tracing::warn!(%region, %entry, why, count, "results are put aside as dead letters");
            }
        }
    }

    async fn dead_letter_some(&self, batch: &Batch, kept: usize) -> Result<(), Why> {
        let letters: Vec<_> =
            batch.dead[..kept].iter().map(|(place, why)| (&batch.entries[*place], why.as_str())).collect();
        let mut line = soon(self.engine.link.short()).await?;
        soon(wire::dead_letter(&mut line, self.keys, &letters)).await
    }

    /// Whether a warning is to be given.
    pub(super) fn is_news(&mut self, about: About, region: Option<&Region>) -> bool {
        self.warnings.is_news(about, region, Instant::now())
    }

    /// Registers regions that were heard for the first time. Those that cannot be now speak again in a moment.
    pub(super) async fn register(&mut self, batch: &Batch) {
        if !self.engine.config.regions.auto {
            return;
        }
        for name in &batch.unregistered {
            match store::schedule::register_region(&self.engine.work, name).await {
                Ok(()) => {
                    tracing::info!(region = %name, "a region's first worker was heard: the region is registered");
                    self.forget_regions();
                }
                Err(why) if self.is_news(About::Unregistered, Some(name)) => {
                    tracing::warn!(region = %name, %why, "a new region could not be registered");
                }
                Err(_) => {}
            }
        }
    }
}

fn job<'b>(ask: &Ask, target: &'b DueMonitor, region: &'b Region, until: i64) -> Entry<'b> {
    Entry {
        target: Target::Region(region),
        id: target.id,
        url: &target.url,
        slot: ask.slot,
        until,
        attempt: ask.attempt,
        spec: target.spec.as_deref(),
        rev: target.rev,
    }
}

fn status_notice(change: &Change, since: i64, owners: &HashMap<MonitorKey, Owned>) -> Option<Notice> {
    let owned = owners.get(&change.row.monitor)?;
    let since = DateTime::from_timestamp(since, 0)?.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (from, to, reason) = (change.from, change.row.status, change.reason);
    Some(Notice::of(owned.organisation, Event::Status { monitor: owned.id, from, to, since, reason }))
}
