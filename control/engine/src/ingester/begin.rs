//! Reading in what a lane's ingester goes by.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use channels::live::Notice;
use domain::{
    certificates::Certificates, event::Event, fleet::Fleet, keys::Lane, ledger::Ledger, status_tracker::StatusTracker,
};
use store::{Session, lanes::Position, statuses::Member};
use wire::Positions;

use super::{Failure, Ingester, REGIONS_FOR, Sick, incidents::Availability, intake::Hearing, warnings::About};
use crate::{Engine, lane::progress::Progress};

impl<'a> Ingester<'a> {
    /// Reads everything, large as a lane may be.
    pub(super) async fn begin(
        engine: &'a Engine,
        lane: Lane,
        keys: &'a wire::Keys,
        (epoch, position): (i64, Position),
        session: Session,
        progress: &'a Progress,
    ) -> Result<Self, Failure> {
        let Position { frontier, closed, heard, .. } = position;
        let members = store::statuses::members(&session, lane).await?;
        let ledger = read_ledger(&session, lane, (frontier, closed), &members).await?;
        let now_ms = engine.clock.now_ms();
        let tracker = read_tracker(&session, lane, &ledger, &members, now_ms).await?;
        let alerting = &engine.config.alerting;
        let since = now_ms / 1000 - alerting.flapping_window.as_secs() as i64;
        let recent = store::incidents::recent(&session, lane, since).await?;
        let sick = if lane.0 == 0 { store::incidents::regions(&session).await? } else { Vec::new() };
        let mut ingester = Self {
            engine,
            lane,
            keys,
            epoch,
            reading: engine.link.own().await?,
            progress,
            ledger,
            tracker,
            fleet: read_fleet(&session, now_ms, alerting.region_gone).await?,
            fleet_seen: Instant::now(),
            availability: Availability::new(alerting.flapping_changes, alerting.flapping_window, &recent),
            certificates: read_certificates(&session, lane, &members, now_ms).await?,
            // Who opened these may have said so, and nobody is told twice.
            sick: sick.into_iter().map(|(region, id)| (region, Sick { id, odd: true })).collect(),
            odd: HashMap::new(),
            owners: HashMap::new(),
            regions: Vec::new(),
            heard: Vec::new(),
            regions_read: Instant::now(),
            positions: Positions::new(),
            hearing: Hearing::new((heard * 1000).min(now_ms)),
            delivered: HashMap::new(),
            fenced: Instant::now(),
            tried: super::tried::TriedBudget::default(),
            warnings: super::warnings::Warnings::default(),
            session,
        };
        ingester.read_regions().await?;
        // What the last owner committed and did not live to tell.
        engine.live.publish(&[Notice::for_all(Event::Resync {})]).await;
        Ok(ingester)
    }

    pub(super) async fn read_regions(&mut self) -> Result<(), Failure> {
        self.regions = store::schedule::regions(&self.engine.work).await?;
        self.heard = self.regions.iter().map(|row| row.region.clone()).collect();
        if self.engine.config.regions.auto {
            let mut found = wire::groups_on(&mut self.reading, self.keys).await?;
            found.retain(|name| self.regions.iter().all(|row| row.region != *name));
            self.heard.extend(wire::talking(&mut self.reading, self.keys, found).await?);
        }
        if let Err(why) = self.look_after_groups().await
            && self.is_news(About::Groups, None)
        {
            tracing::warn!(lane = %self.lane, %why, "where the regions' groups stand could not be looked at");
        }
        self.regions_read = Instant::now();
        Ok(())
    }

    /// Has the regions read again with the next turn.
    pub(super) fn forget_regions(&mut self) {
        self.regions_read = Instant::now().checked_sub(REGIONS_FOR * 2).unwrap_or(self.regions_read);
    }
}

async fn read_ledger(
    session: &Session,
    lane: Lane,
    (frontier, closed): (i64, i64),
    members: &[Member],
) -> Result<Ledger, Failure> {
    let mut ledger = Ledger::new(closed);
    for member in members {
        ledger.know(member.known.clone());
    }
    ledger.refresh(frontier, store::schedule::cadences(session, lane, closed).await?);
    Ok(ledger)
}

async fn read_tracker(
    session: &Session,
    lane: Lane,
    ledger: &Ledger,
    members: &[Member],
    now_ms: i64,
) -> Result<StatusTracker, Failure> {
    let mut tracker = StatusTracker::default();
    for member in members {
        if let Some(row) = member.status {
            tracker.stored(row);
            tracker.restore_look(row.monitor, member.looked_at);
            if let Some(rules) = member.rules {
                tracker.set_rules(member.known.key, rules);
            }
        }
    }
    let span = (ledger.closed, now_ms / 1000);
    for (monitor, region_state) in store::statuses::region_states(session, lane, span, members).await? {
        tracker.restore(monitor, region_state, now_ms, ledger);
    }
    Ok(tracker)
}

async fn read_fleet(session: &Session, now_ms: i64, patience: Duration) -> Result<Fleet, Failure> {
    let mut fleet = Fleet::new(now_ms, patience);
    for (region, worker, said_ms) in store::workers::all(session).await? {
        fleet.restore(region, worker, said_ms);
    }
    Ok(fleet)
}

async fn read_certificates(
    session: &Session,
    lane: Lane,
    members: &[Member],
    now_ms: i64,
) -> Result<Certificates, Failure> {
    let mut certificates = Certificates::default();
    for member in members.iter().filter(|member| member.status.is_some()) {
        if let Some(not_after) = member.cert_not_after {
            certificates.stored(member.known.key, not_after, now_ms);
        }
    }
    certificates.open = store::incidents::certificates(session, lane).await?.into_iter().collect();
    Ok(certificates)
}
