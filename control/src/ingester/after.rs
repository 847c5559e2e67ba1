//! What may only happen once the rows are safe: rechecks, news for dashboards, and the end of what was read.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use wire::{Entry, Region, Target};

use super::{Failure, Ingester, News, batch::Batch, board::Ask};
use crate::{
    ids::OrgId,
    keys::MonitorKey,
    ledger::Accepted,
    live::Notice,
    store::{
        self,
        schedule::DueMonitor,
        statuses::{Change, Owned},
    },
};

/// Jobs in one transaction of Redis.
const CHUNK: usize = 500;

impl Ingester<'_> {
    /// Puts rechecks on the streams of the regions they are for. One that is lost with this process is made up for by
    /// the next owner of the lane, or by the next slot.
    pub(super) async fn ask_again(&mut self) -> Result<(), Failure> {
        let now_ms = self.app.clock.now_ms();
        let times = &self.app.config.times;
        let asks = self.board.asks(now_ms, times.late.as_secs() as i64);
        if asks.is_empty() {
            return Ok(());
        }
        let monitors: Vec<_> = asks.iter().map(|ask| ask.monitor).collect();
        let targets = store::schedule::targets(&self.app.db, &monitors).await?;
        let targets: HashMap<_, _> = targets.iter().map(|target| (target.key, target)).collect();
        let asked = asks.iter().filter_map(|ask| Some((ask, *targets.get(&ask.monitor)?)));
        let until = now_ms / 1000 + times.late.as_secs() as i64;
        let jobs = asked.flat_map(|(ask, target)| {
            self.regions_of(ask, target, now_ms / 1000).map(move |region| job(ask, target, region, until))
        });
        let jobs: Vec<_> = jobs.collect();
        let min_id_ms = now_ms - times.trim.as_millis() as i64;
        let mut line = self.app.link.short().await?;
        for chunk in jobs.chunks(CHUNK) {
            wire::push_one(&mut line, self.keys, chunk, min_id_ms).await?;
        }
        tracing::debug!(lane = %self.lane, rounds = asks.len(), jobs = jobs.len(), "rechecks were asked for");
        Ok(())
    }

    fn regions_of<'b>(
        &'b self,
        ask: &'b Ask,
        target: &'b DueMonitor,
        now: i64,
    ) -> impl Iterator<Item = &'b Region> + use<'b> {
        let wanted = move |row: &&crate::ledger::RegionRow| {
            let chosen = target.regions.as_ref().is_none_or(|chosen| chosen.contains(&row.key.0));
            row.owes(now) && chosen && !ask.but.contains(&row.key)
        };
        self.regions.iter().filter(wanted).map(|row| &row.region)
    }

    /// Tells dashboards.
    pub(super) async fn tell(&mut self, news: &News<'_>) -> Result<(), Failure> {
        let mut notices = Vec::new();
        if !news.new.is_empty() && self.app.live.is_watched().await {
            self.know_owners(news.new.iter().map(|accepted| accepted.monitor)).await?;
            notices.extend(self.beats(&news.new));
        }
        self.know_owners(news.happened.events.iter().filter_map(|(_, _, monitor)| *monitor)).await?;
        notices.extend(news.changes.iter().filter_map(|change| status_notice(change, news.at, &self.owners)));
        for (event, incident, monitor) in &news.happened.events {
            if let Some(owned) = monitor.and_then(|monitor| self.owners.get(&monitor)) {
                let data = json!({"incident": incident, "monitor": owned.id});
                notices.push(Notice { organisation: Some(owned.organisation), event, data });
            }
        }
        for (event, region) in &news.regions {
            let name = self.regions.iter().find(|row| row.key == *region).map(|row| &row.region);
            notices.extend(name.map(|name| Notice { organisation: None, event, data: json!({"region": name}) }));
        }
        if !notices.is_empty() {
            self.app.live.publish(&notices).await;
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
    fn beats(&self, new: &[&Accepted]) -> Vec<Notice> {
        let mut by_tenant: HashMap<OrgId, Vec<Value>> = HashMap::new();
        for accepted in new {
            let owner = self.owners.get(&accepted.monitor);
            let region = self.regions.iter().find(|row| row.key == accepted.region);
            let (Some(owner), Some(region)) = (owner, region) else { continue };
            let outcome = &accepted.outcome;
            let beat = json!({
                "monitor": owner.id, "region": region.region, "slot": outcome.slot, "attempt": outcome.attempt,
                "verdict": outcome.verdict, "ms": outcome.phases.total().as_millis() as u64,
            });
            by_tenant.entry(owner.organisation).or_default().push(beat);
        }
        let notice = |(organisation, beats)| Notice {
            organisation: Some(organisation),
            event: crate::live::BEAT,
            data: json!({"beats": Value::Array(beats)}),
        };
        by_tenant.into_iter().map(notice).collect()
    }

    /// Registers regions that were heard for the first time, buries what nobody can read, and trims what was read.
    pub(super) async fn after(&mut self, batch: &Batch) -> Result<(), Failure> {
        for name in &batch.strangers {
            if self.app.config.regions.auto {
                tracing::info!(region = %name, "a region's first worker was heard: the region is registered");
                store::schedule::register_region(&self.app.db, name).await?;
                self.forget_regions();
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
    }
}

fn status_notice(change: &Change, since: i64, owners: &HashMap<MonitorKey, Owned>) -> Option<Notice> {
    let owned = owners.get(&change.row.monitor)?;
    let since = DateTime::from_timestamp(since, 0)?.to_rfc3339_opts(SecondsFormat::Millis, true);
    let data = json!({
        "monitor": owned.id, "from": change.from, "to": change.row.status, "since": since,
        "reason": change.reason,
    });
    Some(Notice { organisation: Some(owned.organisation), event: "status", data })
}
