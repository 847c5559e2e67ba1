//! Incidents as they are written, whole batches at a time, in the caller's transaction: by the ingester, by people, by
//! whoever watches a lane. Each change has its entry in the timeline and goes to whom it concerns (`alerts`).

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{
    actor::{Actor, Attribution},
    ids::OrgId,
    incident::{Closing, Kind, Level, Open, Subject, What},
    keys::{Lane, MonitorKey, RegionKey},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Ask, Error, Read, Row, Session, Transaction,
    alerts::{Entry, announce},
    statement::statements,
};

statements! {
    // Locked, so that a person who resolves one meanwhile does so before or after, and not in between.
    OPEN_OF ("_int4") -> (monitor "int4", id "uuid", level "text", worst "text", flapping "bool")
        "select monitor, id, level::text as level, worst::text as worst, flapping from incidents
         where monitor = any ($1) and kind = 'availability' and state <> 'resolved' order by monitor for update"
    // One of a kind is open at a time. A region's and a lane's belong to the operators.
    OPEN ("_uuid", "_text", "_int4", "_int2", "_int2", "_text", "_text", "int8") -> (id "uuid", organisation "uuid")
        "insert into incidents (id, organisation, kind, monitor, region, lane, level, worst, reason, opened_at)
         select u.id, o.id, u.kind::incident_kind, u.monitor, u.region, u.lane, u.level::level, u.level::level,
                u.reason::reason, $8
         from unnest($1::uuid[], $2::text[], $3::int[], $4::smallint[], $5::smallint[], $6::text[], $7::text[])
            u (id, kind, monitor, region, lane, level, reason)
         left join monitors m on m.key = u.monitor
         join organisations o on o.id = coalesce(
             m.organisation, (select first.id from organisations first order by first.number limit 1))
         on conflict do nothing returning id, organisation"
    MOVE ("_uuid", "_text", "_text") -> (id "uuid")
        "update incidents i
         set level = u.level::level, worst = greatest(i.worst, u.level::level), reason = coalesce(u.reason::reason, i.reason)
         from unnest($1::uuid[], $2::text[], $3::text[]) u (id, level, reason)
         where i.id = u.id and i.state <> 'resolved' returning i.id"
    HOLD ("_uuid") -> (id "uuid")
        "update incidents set flapping = true
         where id = any ($1) and state <> 'resolved' and not flapping returning id"
    ACKNOWLEDGE ("uuid", "int8") -> ()
        "update incidents set state = 'acknowledged', acknowledged_at = $2 where id = $1"
    RESOLVE ("_uuid", "int8") -> (id "uuid")
        "update incidents set state = 'resolved', resolved_at = $2
         where id = any ($1) and state <> 'resolved' returning id"
    // Availability incidents that ended lately tell how often a monitor went down and came back.
    RECENT ("int2", "int8") -> (monitor "int4", opened_at "int8", resolved_at "int8", held "bool")
        "select i.monitor, i.opened_at, i.resolved_at, i.flapping and i.state <> 'resolved' as held
         from (select * from incidents where kind = 'availability' and state <> 'resolved'
               union all select * from incidents where resolved_at is not null and opened_at > $2 and opened_at < 9223372036854775807) i
         cross join lateral (select lane from monitors where key = i.monitor offset 0) m
         where m.lane = $1 and i.kind = 'availability' order by i.opened_at"
    CERTIFICATES ("int2") -> (monitor "int4", id "uuid")
        "select i.monitor, i.id from incidents i
         cross join lateral (select lane from monitors where key = i.monitor offset 0) m
         where m.lane = $1 and i.kind = 'certificate' and i.state <> 'resolved'"
    OPEN_ABOUT ("_int4", "text") -> (monitor "int4", id "uuid")
        "select monitor, id from incidents
         where monitor = any ($1) and state <> 'resolved' and ($2::text is null or kind::text = $2) order by id"
    OF_LANE ("int2") -> (id "uuid", organisation "uuid")
        "select id, organisation from incidents where lane = $1 and state <> 'resolved'"
    REGIONS () -> (region "int2", id "uuid")
        "select region, id from incidents where kind = 'region' and state <> 'resolved'"
    KEEP_FAILURES ("_int4", "_int2", "_int8", "_int2", "_text", "_text", "_text") -> ()
        "insert into failures (monitor, region, slot, attempt, reason, detail, evidence)
         select monitor, region, slot, attempt, reason::reason, detail, evidence::jsonb
         from unnest($1::int[], $2::smallint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::text[])
            u (monitor, region, slot, attempt, reason, detail, evidence)
         on conflict (monitor, region) do update set slot = excluded.slot, attempt = excluded.attempt,
            reason = excluded.reason, detail = excluded.detail, evidence = excluded.evidence"
    ADD_FAILURES ("_int4", "_int2") -> ()
        "insert into incident_failures (incident, region, slot, attempt, reason, detail, evidence)
         select i.id, f.region, f.slot, f.attempt, f.reason, f.detail, f.evidence
         from unnest($1::int[], $2::smallint[]) u (monitor, region)
         join failures f on f.monitor = u.monitor and f.region = u.region
         join incidents i on i.monitor = u.monitor and i.kind = 'availability' and i.state <> 'resolved'
         on conflict do nothing"
}

/// A new incident.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: Kind,
    /// Which of them.
    pub subject: Subject,
    /// How bad.
    pub level: Level,
    /// Why, where outcomes say so.
    pub reason: Option<wire::Reason>,
    /// The explanation.
    pub facts: Value,
}

/// An open incident's new level.
#[derive(Clone, Debug)]
pub struct Move {
    /// Which.
    pub id: Uuid,
    /// How bad it is now.
    pub level: Level,
    /// Whether that is news.
    pub what: What,
    /// Why.
    pub reason: Option<wire::Reason>,
    /// The explanation.
    pub facts: Value,
}

/// A region's first failure of a run.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Whose.
    pub monitor: MonitorKey,
    /// Where.
    pub region: RegionKey,
    /// When it was due.
    pub slot: i64,
    /// Which attempt.
    pub attempt: i16,
    /// Why.
    pub reason: wire::Reason,
    /// A sentence.
    pub detail: Option<String>,
    /// Request, response and certificate, as JSON.
    pub evidence: Option<String>,
}

/// The open availability incidents of these monitors, their rows locked.
pub async fn open_of(session: &Session, monitors: &[MonitorKey]) -> Result<Vec<(MonitorKey, Open)>, Error> {
    let monitors: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    let rows = session.query(OPEN_OF, &[&monitors]).await?;
    rows.iter()
        .map(|row| {
            let (level, worst, flapping) = (row.read("level")?, row.read("worst")?, row.read("flapping")?);
            Ok((row.read("monitor")?, Open { id: row.read("id")?, level, worst, flapping }))
        })
        .collect()
}

/// Opens incidents at `at` (unix seconds) and tells whom their policies name, `hold` longer than these say. Returns those
/// that were not open already, and whose they are.
pub async fn open(db: &impl Ask, openings: Vec<Opening>, at: i64, hold: Duration) -> Result<Vec<(Uuid, OrgId)>, Error> {
    if openings.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = openings.iter().map(|new| new.id).collect();
    let kinds: Vec<&str> = openings.iter().map(|new| new.kind.as_str()).collect();
    let monitors: Vec<Option<i32>> = openings.iter().map(|new| new.subject.monitor().map(|key| key.0)).collect();
    let regions: Vec<Option<i16>> = openings.iter().map(|new| new.subject.region().map(|key| key.0)).collect();
    let lanes: Vec<Option<i16>> = openings.iter().map(|new| new.subject.lane().map(|lane| lane.0)).collect();
    let levels: Vec<&str> = openings.iter().map(|new| new.level.as_str()).collect();
    let reasons: Vec<Option<&str>> = openings.iter().map(|new| new.reason.map(wire::Reason::as_str)).collect();
    let rows = db.ask(OPEN, &[&ids, &kinds, &monitors, &regions, &lanes, &levels, &reasons, &at]).await?;
    let opened: HashMap<Uuid, OrgId> =
        rows.iter().map(|row| Ok((row.read("id")?, row.read("organisation")?))).collect::<Result<_, Error>>()?;
    let new = openings.into_iter().filter(|opening| opened.contains_key(&opening.id));
    announce(db, new.map(|new| entry(new.id, What::Opened, new.facts)).collect(), hold).await?;
    Ok(opened.into_iter().collect())
}

/// Takes incidents to other levels, those that are open.
pub async fn shift(db: &impl Ask, moves: Vec<Move>, hold: Duration) -> Result<(), Error> {
    if moves.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = moves.iter().map(|each| each.id).collect();
    let levels: Vec<&str> = moves.iter().map(|each| each.level.as_str()).collect();
    let reasons: Vec<Option<&str>> = moves.iter().map(|each| each.reason.map(wire::Reason::as_str)).collect();
    let moved = ids_of(&db.ask(MOVE, &[&ids, &levels, &reasons]).await?)?;
    let moves = moves.into_iter().filter(|each| moved.contains(&each.id));
    announce(db, moves.map(|each| entry(each.id, each.what, each.facts)).collect(), hold).await
}

/// Keeps incidents open until all is calm.
pub async fn hold(db: &impl Ask, which: Vec<(Uuid, Value)>) -> Result<(), Error> {
    if which.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = which.iter().map(|(id, _)| *id).collect();
    let held = ids_of(&db.ask(HOLD, &[&ids]).await?)?;
    let which = which.into_iter().filter(|(id, _)| held.contains(id));
    announce(db, which.map(|(id, facts)| entry(id, What::Flapping, facts)).collect(), Duration::ZERO).await
}

/// Ends incidents at `at` (unix seconds). Returns those that were open.
pub async fn resolve(
    db: &impl Ask,
    which: Vec<(Uuid, Value)>,
    at: i64,
    who: Option<Actor>,
) -> Result<HashSet<Uuid>, Error> {
    if which.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = which.iter().map(|(id, _)| *id).collect();
    let ended = ids_of(&db.ask(RESOLVE, &[&ids, &at]).await?)?;
    let which = which.into_iter().filter(|(id, _)| ended.contains(id));
    let entries = which.map(|(id, facts)| Entry { who, ..entry(id, What::Resolved, facts) });
    announce(db, entries.collect(), Duration::ZERO).await?;
    Ok(ended)
}

/// Somebody looks after a locked, open incident from `now` on (unix seconds).
pub async fn acknowledge(tx: &Transaction<'_>, id: Uuid, who: Actor, now: i64) -> Result<(), Error> {
    tx.ask(ACKNOWLEDGE, &[&id, &now]).await?;
    let entry = Entry { who: Some(who), ..entry(id, What::Acknowledged, json!({})) };
    announce(tx, vec![entry], Duration::ZERO).await
}

/// Somebody says something about a locked incident.
pub async fn comment(tx: &Transaction<'_>, id: Uuid, who: Actor, text: &str) -> Result<(), Error> {
    let entry = Entry { who: Some(who), ..entry(id, What::Commented, json!({ "text": text })) };
    announce(tx, vec![entry], Duration::ZERO).await
}

fn entry(incident: Uuid, what: What, facts: Value) -> Entry {
    Entry { incident, what, who: None, facts }
}

fn ids_of(rows: &[Row]) -> Result<HashSet<Uuid>, Error> {
    rows.iter().map(|row| row.read("id")).collect()
}

/// The open incident about a lane, and whose it is.
pub async fn of_lane(db: &impl Ask, lane: Lane) -> Result<Option<(Uuid, OrgId)>, Error> {
    let rows = db.ask(OF_LANE, &[&lane.0]).await?;
    rows.first().map(|row| Ok((row.read("id")?, row.read("organisation")?))).transpose()
}

/// An availability incident of lately.
#[derive(Clone, Copy, Debug)]
pub struct Recent {
    /// Whose.
    pub monitor: MonitorKey,
    /// When it began, unix seconds.
    pub opened_at: i64,
    /// When it ended.
    pub resolved_at: Option<i64>,
    /// Whether it is kept open because it flaps.
    pub held: bool,
}

/// The availability incidents of a lane that opened after `since` or are open, the oldest first.
pub async fn recent(session: &Session, lane: Lane, since: i64) -> Result<Vec<Recent>, Error> {
    let rows = session.query(RECENT, &[&lane.0, &since]).await?;
    rows.iter()
        .map(|row| {
            let (opened_at, resolved_at) = (row.read("opened_at")?, row.read("resolved_at")?);
            Ok(Recent { monitor: row.read("monitor")?, opened_at, resolved_at, held: row.read("held")? })
        })
        .collect()
}

/// The open certificate incidents of a lane.
pub async fn certificates(session: &Session, lane: Lane) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    read_monitors(&session.query(CERTIFICATES, &[&lane.0]).await?)
}

/// The open incidents of these monitors, of one kind where one is named.
pub async fn open_about(
    db: &impl Ask,
    monitors: &[MonitorKey],
    kind: Option<Kind>,
) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    let monitors: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    read_monitors(&db.ask(OPEN_ABOUT, &[&monitors, &kind.map(Kind::as_str)]).await?)
}

/// Ends the incidents of these monitors that end with what somebody does to them. Returns them.
pub async fn close_about(
    tx: &Transaction<'_>,
    monitors: &[MonitorKey],
    closing: Closing,
    by: Attribution,
) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    let open = open_about(tx, monitors, closing.kind()).await?;
    let facts = json!({"why": closing.why(), "closed": closing.as_str()});
    let which = open.iter().map(|(_, id)| (*id, facts.clone())).collect();
    resolve(tx, which, by.at, Some(by.who)).await?;
    Ok(open)
}

fn read_monitors(rows: &[Row]) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    rows.iter().map(|row| Ok((row.read("monitor")?, row.read("id")?))).collect()
}

/// The open incidents of regions.
pub async fn regions(session: &Session) -> Result<Vec<(RegionKey, Uuid)>, Error> {
    let rows = session.query(REGIONS, &[]).await?;
    rows.iter().map(|row| Ok((row.read("region")?, row.read("id")?))).collect()
}

/// Keeps the first failures of runs that begin, in place of those of earlier runs.
pub async fn keep_failures(session: &Session, failures: &[Failure]) -> Result<(), Error> {
    let monitors: Vec<i32> = failures.iter().map(|each| each.monitor.0).collect();
    let regions: Vec<i16> = failures.iter().map(|each| each.region.0).collect();
    let slots: Vec<i64> = failures.iter().map(|each| each.slot).collect();
    let attempts: Vec<i16> = failures.iter().map(|each| each.attempt).collect();
    let reasons: Vec<&str> = failures.iter().map(|each| each.reason.as_str()).collect();
    let details: Vec<Option<&str>> = failures.iter().map(|each| each.detail.as_deref()).collect();
    let evidence: Vec<Option<&str>> = failures.iter().map(|each| each.evidence.as_deref()).collect();
    session
        .query(KEEP_FAILURES, &[&monitors, &regions, &slots, &attempts, &reasons, &details, &evidence])
        .await
        .map(drop)
}

/// Adds the first failures of regions that find a monitor down to its open incident.
pub async fn add_failures(session: &Session, believed: &[(MonitorKey, RegionKey)]) -> Result<(), Error> {
    let (monitors, regions): (Vec<i32>, Vec<i16>) = believed.iter().map(|(m, r)| (m.0, r.0)).unzip();
    session.query(ADD_FAILURES, &[&monitors, &regions]).await.map(drop)
}
