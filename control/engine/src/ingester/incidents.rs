//! Incidents that follow from what was heard, written with it in one transaction: of monitors whose status changed, of
//! certificates that end soon, of regions that are sick. What follows is decided elsewhere; this gathers, asks and
//! writes.

use std::{collections::HashMap, time::Duration};

use domain::{
    event::OfIncident,
    incident::{Act, FlapDetector, Kind, Level, Open, Subject, What, decide},
    keys::{MonitorKey, RegionKey},
    status::Status,
    status_tracker::Change,
};
use serde_json::{Value, json};
use store::{
    Error, Session,
    incidents::{self, Move, Opening, Recent},
};
use uuid::Uuid;

/// What happened to incidents in a transaction, for dashboards.
#[derive(Debug, Default)]
pub(super) struct Happened {
    /// `(event, incident, monitor)`.
    pub(super) events: Vec<(OfIncident, Uuid, Option<MonitorKey>)>,
}

/// When a batch is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Unix seconds, as far as results were heard.
    pub(super) at: i64,
    /// How long openings wait before they are told: while old results are drained, what is over by their end is one message.
    pub(super) hold: Duration,
}

/// What availability incidents go by, beside the change at hand.
#[derive(Debug)]
pub(super) struct Availability(FlapDetector);

/// Writes of one transaction.
#[derive(Debug, Default)]
struct Writes {
    openings: Vec<Opening>,
    moves: Vec<Move>,
    holds: Vec<(Uuid, Value)>,
    resolves: Vec<(Uuid, Value)>,
    happened: Happened,
}

impl Availability {
    /// Goes by what was stored of lately.
    pub(super) fn new(changes: usize, window: Duration, recent: &[Recent]) -> Self {
        let mut detector = FlapDetector::new(changes, window);
        for incident in recent {
            for at in [Some(incident.opened_at), incident.resolved_at].into_iter().flatten() {
                detector.note(incident.monitor, at);
            }
            if incident.held {
                detector.look_after(incident.monitor, incident.opened_at);
            }
        }
        Self(detector)
    }

    /// Writes what changed statuses do to incidents.
    pub(super) async fn follow(
        &mut self,
        session: &Session,
        changes: &[&Change],
        moment: Moment,
    ) -> Result<Happened, Error> {
        let matters = |change: &&&Change| change.row.status == Status::Up || Level::of(change.row.status).is_some();
        let changes: Vec<_> = changes.iter().filter(matters).copied().collect();
        if changes.is_empty() {
            return Ok(Happened::default());
        }
        let monitors: Vec<_> = changes.iter().map(|change| change.row.monitor).collect();
        let open: HashMap<_, _> = incidents::open_of(session, &monitors).await?.into_iter().collect();
        let mut writes = Writes::default();
        for change in changes {
            let monitor = change.row.monitor;
            if crosses(change) {
                self.0.note(monitor, moment.at);
            }
            let open = open.get(&monitor);
            if change.row.status == Status::Up && open.is_some_and(|open| open.flapping) {
                self.0.look_after(monitor, moment.at);
            }
            for act in decide(open, change.row.status, self.0.flaps(monitor)) {
                writes.add(act, open, change);
            }
        }
        writes.write(session, moment).await
    }

    /// Ends incidents of monitors that flapped and are up and calm by now.
    pub(super) async fn calm_down(
        &mut self,
        session: &Session,
        moment: Moment,
        status: impl Fn(MonitorKey) -> Option<Status>,
    ) -> Result<Happened, Error> {
        let calm = self.0.calm(moment.at, |monitor| status(monitor) == Some(Status::Up));
        if calm.is_empty() {
            return Ok(Happened::default());
        }
        let mut writes = Writes::default();
        for (monitor, open) in incidents::open_of(session, &calm).await? {
            if open.flapping {
                let why = format!("up, and no change for {} s", self.0.window().as_secs());
                writes.resolves.push((open.id, json!({"why": why})));
                writes.happened.events.push((OfIncident::Resolved, open.id, Some(monitor)));
            }
        }
        writes.write(session, moment).await
    }

    /// Whether anything is due, so that it is worth a transaction.
    pub(super) fn is_due(&self, now: i64) -> bool {
        self.0.is_due(now)
    }
}

/// Whether it went from up to not, or back.
fn crosses(change: &Change) -> bool {
    let is_bad = |status| Level::of(status).is_some();
    (change.from == Status::Up && is_bad(change.row.status)) || (is_bad(change.from) && change.row.status == Status::Up)
}

impl Writes {
    fn add(&mut self, act: Act, open: Option<&Open>, change: &Change) {
        let monitor = Some(change.row.monitor);
        let mut facts = change.explanation.clone();
        facts["from"] = json!(change.from);
        match (act, open) {
            (Act::Open(level), _) => {
                let (id, kind) = (Uuid::now_v7(), Kind::Availability);
                let subject = Subject::Monitor(change.row.monitor);
                self.openings.push(Opening { id, kind, subject, level, reason: change.reason, facts });
            }
            (Act::Level(level, what), Some(open)) => {
                self.moves.push(Move { id: open.id, level, what, reason: change.reason, facts });
                self.happened.events.push((OfIncident::Updated, open.id, monitor));
            }
            (Act::Flaps, open) => {
                // One that opens with this is the last opening.
                let id = open.map(|open| open.id).or(self.openings.last().map(|opening| opening.id));
                self.holds.extend(id.map(|id| (id, facts)));
            }
            (Act::Resolve, Some(open)) => {
                self.resolves.push((open.id, facts));
                self.happened.events.push((OfIncident::Resolved, open.id, monitor));
            }
            (Act::Level(..) | Act::Resolve, None) => {}
        }
    }

    /// Resolves first: one incident of a kind is open at a time.
    async fn write(mut self, session: &Session, moment: Moment) -> Result<Happened, Error> {
        incidents::resolve(session, self.resolves, moment.at, None).await?;
        let monitors: HashMap<_, _> = self.openings.iter().map(|new| (new.id, new.subject.monitor())).collect();
        let opened = incidents::open(session, self.openings, moment.at, moment.hold).await?;
        let event = |(id, _)| (OfIncident::Opened, id, monitors.get(&id).copied().flatten());
        self.happened.events.extend(opened.into_iter().map(event));
        incidents::shift(session, self.moves, moment.hold).await?;
        incidents::hold(session, self.holds).await?;
        Ok(self.happened)
    }
}

/// Opens incidents about certificates that end soon. Returns what there is about each monitor now.
pub(super) async fn certificates_end(
    session: &Session,
    soon: &[(MonitorKey, i64)],
    moment: Moment,
) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    let opening = |(monitor, not_after): &(MonitorKey, i64)| Opening {
        id: Uuid::now_v7(),
        kind: Kind::Certificate,
        subject: Subject::Monitor(*monitor),
        level: Level::Certificate,
        reason: None,
        facts: json!({"not_after": not_after, "days": (not_after - moment.at) / 86_400}),
    };
    let openings: Vec<_> = soon.iter().map(opening).collect();
    let open = soon.iter().zip(&openings).map(|((monitor, _), opening)| (*monitor, opening.id)).collect();
    incidents::open(session, openings, moment.at, moment.hold).await?;
    Ok(open)
}

/// Ends incidents about certificates that were renewed.
pub(super) async fn certificates_renewed(
    session: &Session,
    over: &[(MonitorKey, Uuid, i64)],
    moment: Moment,
) -> Result<(), Error> {
    let over: Vec<_> = over.iter().map(|(_, id, not_after)| (*id, json!({"not_after": not_after}))).collect();
    incidents::resolve(session, over, moment.at, None).await.map(drop)
}

/// An incident about a region.
pub(super) fn region_opening(region: RegionKey, facts: Value) -> Opening {
    let (id, subject) = (Uuid::now_v7(), Subject::Region(region));
    Opening { id, kind: Kind::Region, subject, level: Level::Region, reason: None, facts }
}

/// A region of which something worse is known than what operators were called for.
pub(super) fn region_escalation(id: Uuid, facts: Value) -> Move {
    Move { id, level: Level::Region, what: What::Escalated, reason: None, facts }
}
