//! Incidents as the ingester writes them: whole batches at a time, inside its transaction. Policies, timeline and outbox
//! follow in SQL (`announce`), so that whoever changes an incident tells the same people the same way.

use domain::{
    incident::{Kind, Level, Open, What},
    keys::{Lane, MonitorKey, RegionKey},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Error, Read, Row, Session, statement::statements};

statements! {
    // Locked, so that a person who resolves one meanwhile does so before or after, and not in between.
    OPEN_OF ("_int4") -> (monitor "int4", id "uuid", level "text", worst "text", flapping "bool")
        "select monitor, id, level::text as level, worst::text as worst, flapping from incidents
         where monitor = any ($1) and kind = 'availability' and state <> 'resolved' order by monitor for update"
    OPEN ("_uuid", "_text", "_int4", "_int2", "_text", "_text", "int8", "_text", "int8") -> (id "uuid")
        "select open_incident(u.id, u.kind::incident_kind, u.monitor, u.region, u.level::level, u.reason::reason, $7,
                              u.facts::jsonb, $9::bigint * interval '1 second') as id
         from unnest($1::uuid[], $2::text[], $3::int[], $4::smallint[], $5::text[], $6::text[], $8::text[])
            u (id, kind, monitor, region, level, reason, facts)"
    MOVE ("_uuid", "_text", "_text", "_text", "_text", "int8") -> (move_incident "bool")
        "select move_incident(u.id, u.level::level, u.what::happening, u.reason::reason, u.facts::jsonb,
                              $6::bigint * interval '1 second')
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) u (id, level, what, reason, facts)"
    HOLD ("_uuid", "_text") -> (hold_incident "bool")
        "select hold_incident(u.id, u.facts::jsonb) from unnest($1::uuid[], $2::text[]) u (id, facts)"
    RESOLVE ("_uuid", "int8", "_text") -> (resolve_incident "bool")
        "select resolve_incident(u.id, $2, null, u.facts::jsonb) from unnest($1::uuid[], $3::text[]) u (id, facts)"
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
    CERTIFICATES_OF ("_int4") -> (monitor "int4", id "uuid")
        "select monitor, id from incidents where monitor = any ($1) and kind = 'certificate' and state <> 'resolved'"
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
    /// The monitor it is about; for a region none.
    pub monitor: Option<MonitorKey>,
    /// The region it is about.
    pub region: Option<RegionKey>,
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

/// Opens incidents at `at` (unix seconds) and tells whom their policies name, `hold` seconds later than these say.
/// Returns the ids of those that were not open already.
pub async fn open(session: &Session, openings: &[Opening], at: i64, hold: i64) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = openings.iter().map(|new| new.id).collect();
    let kinds: Vec<&str> = openings.iter().map(|new| new.kind.as_str()).collect();
    let monitors: Vec<Option<i32>> = openings.iter().map(|new| new.monitor.map(|key| key.0)).collect();
    let regions: Vec<Option<i16>> = openings.iter().map(|new| new.region.map(|key| key.0)).collect();
    let levels: Vec<&str> = openings.iter().map(|new| new.level.as_str()).collect();
    let reasons: Vec<Option<&str>> = openings.iter().map(|new| new.reason.map(wire::Reason::as_str)).collect();
    let facts: Vec<String> = openings.iter().map(|new| new.facts.to_string()).collect();
    let rows = session.query(OPEN, &[&ids, &kinds, &monitors, &regions, &levels, &reasons, &at, &facts, &hold]).await?;
    rows.iter().filter_map(|row| row.read("id").transpose()).collect()
}

/// Takes incidents to other levels.
pub async fn shift(session: &Session, moves: &[Move], hold: i64) -> Result<(), Error> {
    let ids: Vec<Uuid> = moves.iter().map(|each| each.id).collect();
    let levels: Vec<&str> = moves.iter().map(|each| each.level.as_str()).collect();
    let whats: Vec<&str> = moves.iter().map(|each| each.what.as_str()).collect();
    let reasons: Vec<Option<&str>> = moves.iter().map(|each| each.reason.map(wire::Reason::as_str)).collect();
    let facts: Vec<String> = moves.iter().map(|each| each.facts.to_string()).collect();
    session.query(MOVE, &[&ids, &levels, &whats, &reasons, &facts, &hold]).await.map(drop)
}

/// Keeps incidents open until all is calm.
pub async fn hold(session: &Session, which: &[(Uuid, Value)]) -> Result<(), Error> {
    let (ids, facts) = ids_and_facts(which);
    session.query(HOLD, &[&ids, &facts]).await.map(drop)
}

/// Ends incidents at `at` (unix seconds).
pub async fn resolve(session: &Session, which: &[(Uuid, Value)], at: i64) -> Result<(), Error> {
    let (ids, facts) = ids_and_facts(which);
    session.query(RESOLVE, &[&ids, &at, &facts]).await.map(drop)
}

fn ids_and_facts(which: &[(Uuid, Value)]) -> (Vec<Uuid>, Vec<String>) {
    which.iter().map(|(id, facts)| (*id, facts.to_string())).unzip()
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
    read_certificates(&session.query(CERTIFICATES, &[&lane.0]).await?)
}

/// The open certificate incidents of these monitors.
pub async fn certificates_of(session: &Session, monitors: &[MonitorKey]) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
    let monitors: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    read_certificates(&session.query(CERTIFICATES_OF, &[&monitors]).await?)
}

fn read_certificates(rows: &[Row]) -> Result<Vec<(MonitorKey, Uuid)>, Error> {
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
