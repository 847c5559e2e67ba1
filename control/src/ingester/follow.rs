//! What follows from what was heard, in the same transaction: statuses, incidents, and what the next owner has to know.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    Failure, Ingester, News, fleet,
    incidents::{self, Moment},
};
use crate::store::{self, statuses::StatusRow};

/// How often the fleet is looked at.
const FLEET: Duration = Duration::from_secs(1);

impl Ingester<'_> {
    /// Writes changed statuses and what they do to incidents. A status that a person changed meanwhile is read again and
    /// decided once more; should that fail as well, the next turn finds it.
    pub(super) async fn write_statuses(&mut self, heard_ms: i64, moment: Moment, news: &mut News<'_>) -> Result<(), Failure> {
        for _ in 0..2 {
            let changes = self.board.changes(heard_ms, &self.ledger, &self.regions);
            if changes.is_empty() {
                break;
            }
            let written = store::statuses::change(&self.session, &changes, moment.at).await?;
            let (done, lost): (Vec<_>, Vec<_>) =
                changes.into_iter().partition(|change| written.contains_key(&change.row.monitor));
            for change in &done {
                self.board.stored(StatusRow { version: change.row.version + 1, ..change.row });
            }
            self.read_statuses(&lost.iter().map(|change| change.row.monitor).collect::<Vec<_>>()).await?;
            self.owners.extend(written);
            news.changes.extend(done);
        }
        let changes: Vec<_> = news.changes.iter().collect();
        let happened = self.availability.follow(&self.session, &changes, moment).await?;
        news.happened.events.extend(happened.events);
        if self.availability.is_due(moment.at) {
            let status = |monitor| self.board.status(monitor);
            let happened = self.availability.calm_down(&self.session, moment, status).await?;
            news.happened.events.extend(happened.events);
        }
        self.keep_voices(news).await
    }

    /// Keeps what the next owner of the lane has to know, and adds to incidents what regions saw that find them so.
    async fn keep_voices(&mut self, news: &News<'_>) -> Result<(), Failure> {
        let unkept = self.board.unkept();
        if !unkept.is_empty() {
            store::statuses::keep_voices(&self.session, &unkept).await?;
        }
        let believed = self.board.believed(news.changes.iter().map(|change| change.row.monitor));
        if !believed.is_empty() {
            store::incidents::add_failures(&self.session, &believed).await?;
        }
        Ok(())
    }

    /// Opens and ends incidents of certificates.
    pub(super) async fn look_after_certificates(&mut self, moment: Moment) -> Result<(), Failure> {
        let due = self.certificates.due(moment.at, self.app.config.alerting.certificate_days);
        if !due.ends.is_empty() {
            store::statuses::set_certificates(&self.session, &due.ends).await?;
        }
        if !due.soon.is_empty() {
            let open = incidents::certificates_end(&self.session, &due.soon, moment).await?;
            self.certificates.open.extend(open);
        }
        if !due.over.is_empty() {
            incidents::certificates_renewed(&self.session, &due.over, moment).await?;
        }
        Ok(())
    }

    /// Takes the vote from regions whose workers are gone, and calls the operators.
    pub(super) async fn look_after_regions(
        &mut self,
        heard_ms: i64,
        moment: Moment,
        news: &mut News<'_>,
    ) -> Result<(), Failure> {
        if self.fleet_seen.elapsed() < FLEET {
            return Ok(());
        }
        self.fleet_seen = Instant::now();
        let trouble = self.fleet.trouble(heard_ms, &self.regions);
        self.board.gone(fleet::gone(&trouble));
        if self.lane.0 != 0 {
            return Ok(());
        }
        let new = trouble.iter().filter(|(region, _)| !self.sick.contains_key(region));
        let openings: Vec<_> = new.map(|(region, what)| incidents::region_opening(*region, what.facts())).collect();
        if !openings.is_empty() {
            let opened = store::incidents::open(&self.session, &openings, moment.at, 0).await?;
            let opened = openings.iter().filter(|each| opened.contains(&each.id));
            let opened = opened.filter_map(|each| Some((each.region?, each.id)));
            for (region, id) in opened {
                self.sick.insert(region, id);
                news.regions.push(("region.down", region));
            }
        }
        let over: Vec<_> = self.sick.keys().filter(|region| !trouble.contains_key(region)).copied().collect();
        let mut resolves = Vec::new();
        for region in over {
            resolves.extend(self.sick.remove(&region).map(|id| (id, json!({"why": "its workers are well"}))));
            news.regions.push(("region.up", region));
        }
        if !resolves.is_empty() {
            store::incidents::resolve(&self.session, &resolves, moment.at).await?;
        }
        Ok(())
    }
}
