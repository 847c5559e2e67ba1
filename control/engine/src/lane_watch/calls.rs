//! The operators' incident about a lane that stands still. Every replica tries to open and to end it, and the database lets
//! one: whoever holds the lane may be the one that cannot.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use channels::live::Notice;
use domain::{
    event::OfIncident,
    ids::OrgId,
    incident::{Kind, Level, Subject},
    keys::Lane,
    message::moment,
    stale::{CALLS_S, LaneAges, STALLED_S},
};
use serde_json::json;
use store::{
    Connection,
    incidents::{self, Opening},
};
use uuid::Uuid;

use crate::Engine;

/// What this replica knows of the incident about each lane.
#[derive(Debug, Default)]
pub(super) struct Calls {
    began: Option<Instant>,
    known: BTreeMap<Lane, Act>,
}

/// What is to be done about a lane, or was done last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Open,
    End,
}

/// What is to be done about a lane that has been silent for so many seconds, watched for `watched` by now: whoever starts
/// after a long break gives somebody the time to take it. Nothing is done twice in a row, so what a person resolved by hand
/// stays resolved.
fn act(silent: f64, watched: Duration, last: Option<Act>) -> Option<Act> {
    let act = if silent.min(watched.as_secs_f64()) > CALLS_S {
        Act::Open
    } else if silent <= STALLED_S {
        Act::End
    } else {
        return None;
    };
    (last != Some(act)).then_some(act)
}

impl Calls {
    /// Does what is to be done about each lane at `now`, unix seconds.
    pub(super) async fn turn(&mut self, engine: &Engine, ages: &[LaneAges], now: i64) -> Result<(), store::Error> {
        let watched = self.began.get_or_insert_with(Instant::now).elapsed();
        for lane in ages {
            let Some(act) = act(lane.silent, watched, self.known.get(&lane.lane).copied()) else { continue };
            let mut db = engine.work.get().await?;
            match act {
                Act::Open => open(engine, &mut db, lane).await?,
                Act::End => end(engine, &mut db, lane, now).await?,
            }
            self.known.insert(lane.lane, act);
        }
        Ok(())
    }
}

async fn open(engine: &Engine, db: &mut Connection, ages: &LaneAges) -> Result<(), store::Error> {
    let detail = format!(
        "no result of lane {} has been stored since {}; its monitors are shown as unknown",
        ages.lane,
        moment(ages.heard).unwrap_or_default(),
    );
    let facts = json!({"detail": detail, "lane": ages.lane.0, "since": ages.heard, "replica": engine.replica});
    let (id, subject) = (Uuid::now_v7(), Subject::Lane(ages.lane));
    let opening = Opening { id, kind: Kind::Lane, subject, level: Level::Lane, reason: None, facts };
    let tx = db.transaction().await?;
    let opened = incidents::open(&tx, vec![opening], ages.heard, Duration::ZERO).await?;
    tx.commit().await?;
    for (incident, org) in opened {
        tracing::warn!(lane = %ages.lane, "the operators are called: the lane stands still");
        tell(engine, OfIncident::Opened, incident, org).await;
    }
    Ok(())
}

async fn end(engine: &Engine, db: &mut Connection, ages: &LaneAges, now: i64) -> Result<(), store::Error> {
    let tx = db.transaction().await?;
    let Some((incident, org)) = incidents::of_lane(&tx, ages.lane).await? else { return Ok(()) };
    let facts = json!({"lane": ages.lane.0, "replica": engine.replica});
    let ended = incidents::resolve(&tx, vec![(incident, facts)], now, None).await?;
    tx.commit().await?;
    for incident in ended {
        tell(engine, OfIncident::Resolved, incident, org).await;
    }
    Ok(())
}

async fn tell(engine: &Engine, what: OfIncident, incident: Uuid, org: OrgId) {
    engine.live.publish(&[Notice::of(org, what.event(incident, None))]).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done second by second, of a lane this old, by a replica that has watched it for so long.
    fn plays(seconds: &[(i32, u64)]) -> String {
        let mut last = None;
        let mut turn = |(silent, watched): &(i32, u64)| {
            let act = act(f64::from(*silent), Duration::from_secs(*watched), last);
            last = act.or(last);
            match act {
                Some(Act::Open) => 'O',
                Some(Act::End) => 'E',
                None => '.',
            }
        };
        seconds.iter().map(&mut turn).collect()
    }

    #[test]
    fn a_lane_that_stands_still_calls_once_and_ends_once() {
        assert_eq!(plays(&[(1, 100), (15, 114), (16, 115), (30, 129), (31, 130), (60, 160)]), "E...O.");
        assert_eq!(plays(&[(31, 100), (20, 101), (15, 102), (1, 103), (31, 140)]), "O.E.O");
    }

    #[test]
    fn who_starts_after_a_long_break_waits_before_it_calls() {
        assert_eq!(plays(&[(3_600, 0), (3_630, 30), (3_631, 31)]), "..O");
        assert_eq!(plays(&[(3_600, 0), (3_605, 5), (1, 6)]), "..E");
    }
}
