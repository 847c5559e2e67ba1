//! What follows from what was heard, in the same transaction: statuses, incidents, and what the next owner has to know.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::{
    certificates::Due,
    event::OfIncident,
    fleet::{self, Troubles},
    status::Status,
    status_tracker::StatusRow,
};
use serde_json::json;

use super::{
    Failure, Ingester, News, Sick,
    incidents::{self, Moment},
};

/// How often the fleet is looked at.
const FLEET: Duration = Duration::from_secs(1);

impl Ingester<'_> {
    /// Writes all of it. Statuses come before incidents: whoever pauses a monitor locks them in this order too.
    pub(super) async fn follow(&mut self, heard_ms: i64, moment: Moment, news: &mut News) -> Result<(), Failure> {
        self.look_after_regions(heard_ms, moment, news).await?;
        self.write_statuses(heard_ms, moment, news).await?;
        let unsaved = self.tracker.unsaved();
        if !unsaved.is_empty() {
            store::statuses::keep(&self.session, &unsaved).await?;
        }
        let certificates = self.write_certificates(moment).await?;
        self.write_incidents(moment, news).await?;
        self.look_after_certificates(&certificates, moment, news).await
    }

    /// Writes changed statuses. One that a person changed meanwhile is read again, with the target it is about, and decided
    /// once more; should that fail as well, the next turn finds it.
    async fn write_statuses(&mut self, heard_ms: i64, moment: Moment, news: &mut News) -> Result<(), Failure> {
        for _ in 0..2 {
            let changes = self.tracker.changes(heard_ms, &self.ledger, &self.regions);
            if changes.is_empty() {
                break;
            }
            let written = store::statuses::change(&self.session, &changes, moment.at).await?;
            let (done, lost): (Vec<_>, Vec<_>) =
                changes.into_iter().partition(|change| written.contains_key(&change.row.monitor));
            for change in &done {
                self.tracker.stored(StatusRow { version: change.row.version + 1, ..change.row });
                if matches!(change.row.status, Status::Up | Status::Degraded) {
                    self.tracker.reassess(change.row.monitor, heard_ms, &self.ledger);
                }
            }
            let lost: Vec<_> = lost.iter().map(|change| change.row.monitor).collect();
            let known = self.edited(&lost).await?;
            self.learn(known);
            self.owners.extend(written);
            news.changes.extend(done);
        }
        Ok(())
    }

    /// Writes when certificates end, also of those that an incident is about to open for: what a monitor does not look at any
    /// more opens none, and who makes it look elsewhere waits for the incident and ends it.
    async fn write_certificates(&mut self, moment: Moment) -> Result<Due, Failure> {
        let mut due = self.certificates.due(moment.at, self.engine.config.alerting.certificate_days);
        let ends: HashMap<_, _> = due.ends.iter().chain(&due.soon).copied().collect();
        let of_version = |(monitor, end)| Some((monitor, self.tracker.version(monitor)?, end));
        let ends: Vec<_> = ends.into_iter().filter_map(of_version).collect();
        if ends.is_empty() {
            return Ok(due);
        }
        let written = store::statuses::set_certificates(&self.session, &ends).await?;
        due.soon.retain(|(monitor, _)| written.contains(monitor));
        for (monitor, ..) in ends.iter().filter(|(monitor, ..)| !written.contains(monitor)) {
            self.certificates.lost(*monitor);
        }
        Ok(due)
    }

    /// Writes what changed statuses do to incidents, and adds to these what the regions saw that find a monitor down.
    async fn write_incidents(&mut self, moment: Moment, news: &mut News) -> Result<(), Failure> {
        let changes: Vec<_> = news.changes.iter().collect();
        let happened = self.availability.follow(&self.session, &changes, moment).await?;
        news.happened.events.extend(happened.events);
        if self.availability.is_due(moment.at) {
            let status = |monitor| self.tracker.status(monitor);
            let happened = self.availability.calm_down(&self.session, moment, status).await?;
            news.happened.events.extend(happened.events);
        }
        let believed = self.tracker.believed(news.changes.iter().map(|change| change.row.monitor));
        if !believed.is_empty() {
            store::incidents::add_failures(&self.session, &believed).await?;
        }
        Ok(())
    }

    /// Opens and ends incidents of certificates.
    async fn look_after_certificates(&mut self, due: &Due, moment: Moment, news: &mut News) -> Result<(), Failure> {
        if !due.soon.is_empty() {
            let open = incidents::certificates_end(&self.session, &due.soon, moment).await?;
            let events = open.iter().map(|(monitor, id)| (OfIncident::Opened, *id, Some(*monitor)));
            news.happened.events.extend(events);
            self.certificates.open.extend(open);
        }
        if !due.over.is_empty() {
            incidents::certificates_renewed(&self.session, &due.over, moment).await?;
            let events = due.over.iter().map(|(monitor, id, _)| (OfIncident::Resolved, *id, Some(*monitor)));
            news.happened.events.extend(events);
        }
        Ok(())
    }

    /// Takes the vote from regions whose workers are gone, and calls the operators.
    async fn look_after_regions(&mut self, heard_ms: i64, moment: Moment, news: &mut News) -> Result<(), Failure> {
        if !self.odd.is_empty() {
            let odd = self.odd.iter().map(|(region, what)| (region, what.as_str()));
            store::schedule::note_odd(&self.session, odd, moment.at).await?;
            self.odd.clear();
        }
        if self.fleet_seen.elapsed() < FLEET {
            return Ok(());
        }
        self.fleet_seen = Instant::now();
        let trouble = self.fleet.trouble(heard_ms, &self.regions);
        self.tracker.gone(fleet::gone(&trouble));
        if self.lane.0 == 0 {
            self.open_regions(&trouble, moment, news).await?;
            self.escalate_regions(&trouble).await?;
            self.resolve_regions(&trouble, moment, news).await?;
        }
        Ok(())
    }

    async fn open_regions(&mut self, trouble: &Troubles, moment: Moment, news: &mut News) -> Result<(), Failure> {
        let new = trouble.iter().filter(|(region, _)| !self.sick.contains_key(region));
        let openings: Vec<_> = new.map(|(region, what)| incidents::region_opening(*region, what.facts())).collect();
        let regions: HashMap<_, _> = openings.iter().map(|each| (each.id, each.subject.region())).collect();
        let opened = store::incidents::open(&self.session, openings, moment.at, Duration::ZERO).await?;
        for (region, id) in opened.into_iter().filter_map(|(id, _)| Some((regions[&id]?, id))) {
            self.sick.insert(region, Sick { id, odd: trouble[&region].odd.is_some() });
            news.regions.push((false, region));
        }
        Ok(())
    }

    /// Who was called for a region that is gone learns as well that somebody misuses its rights.
    async fn escalate_regions(&mut self, trouble: &Troubles) -> Result<(), Failure> {
        let mut moves = Vec::new();
        for (region, sick) in &mut self.sick {
            let Some(what) = trouble.get(region) else { continue };
            if what.odd.is_some() && !sick.odd {
                moves.push(incidents::region_escalation(sick.id, what.facts()));
            }
            sick.odd = what.odd.is_some();
        }
        store::incidents::shift(&self.session, moves, Duration::ZERO).await?;
        Ok(())
    }

    async fn resolve_regions(&mut self, trouble: &Troubles, moment: Moment, news: &mut News) -> Result<(), Failure> {
        let over: Vec<_> = self.sick.keys().filter(|region| !trouble.contains_key(region)).copied().collect();
        let mut resolves = Vec::new();
        for region in over {
            resolves.extend(self.sick.remove(&region).map(|sick| (sick.id, json!({"why": "its workers are well"}))));
            news.regions.push((true, region));
        }
        store::incidents::resolve(&self.session, resolves, moment.at, None).await?;
        Ok(())
    }
}
