//! Statuses of monitors, and the evidence behind them.

use std::collections::{HashMap, HashSet};

use domain::{
    ids::OrgId,
    keys::{Lane, MonitorKey},
    ledger::Known,
    schedule::SILENT_AFTER,
    status_tracker::{Change, Kept, StatusRow},
    verdict::{Evidence, RegionState, Rules, Standing},
};
use tokio_postgres::types::ToSql;
use wire::MonitorId;

use super::{Error, GenericClient, Read, Row, Session, schedule::read_known, statement::statements};

statements! {
    // Who takes a lane over reads each of its monitors once. Deleted ones still owe their last slots.
    MEMBERS ("int2") ->
        (key "int4", id "uuid", is_there "bool", status "text", version "int8", rules "text", region_states "text",
         cert_not_after "int8", rev "int4", regions "_int2", looked_at "int8")
        "select m.key, m.id, m.deleted_at is null as is_there, s.status::text as status, s.version, m.rules,
                s.region_states::text as region_states, s.cert_not_after, m.rev, m.regions, s.looked_at
         from monitors m join monitor_status s on s.monitor = m.key where m.lane = $1"
    OF ("_int4") -> (key "int4", status "text", version "int8")
        "select s.monitor as key, s.status::text as status, s.version
         from unnest($1::int[]) u (monitor)
         cross join lateral (select * from monitor_status where monitor = u.monitor offset 0) s
         cross join lateral (select deleted_at from monitors where key = u.monitor offset 0) m
         where m.deleted_at is null"
    // A person who changes a status, or the target it is about, raises the version: so two who write at once are told apart
    // even where one waits for the other. The revision is compared as well, since evidence is about a target.
    CHANGE ("_int4", "_text", "_int8", "int8", "_text", "_text", "_int4") ->
        (key "int4", id "uuid", organisation "uuid")
        "update monitor_status s set status = u.status::status, since = $4, version = s.version + 1,
            reason = u.reason::reason, explanation = u.explanation::jsonb
         from unnest($1::int[], $2::text[], $3::bigint[], $5::text[], $6::text[], $7::int[])
            u (monitor, status, version, reason, explanation, rev), monitors m
         where s.monitor = u.monitor and s.version = u.version and m.key = s.monitor and m.rev = u.rev
         returning m.key, m.id, m.organisation"
    KEEP ("_int4", "_int8", "_text", "_int8") -> ()
        "update monitor_status s set region_states = u.region_states::jsonb, looked_at = u.looked_at
         from unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[]) u (monitor, version, region_states, looked_at)
         where s.monitor = u.monitor and s.version = u.version"
    REGION_STATES_OF ("int4") -> (region_states "text") "select region_states::text as region_states from monitor_status where monitor = $1"
    RULES_OF ("_int4") -> (key "int4", rules "text") "select key, rules from monitors where key = any ($1)"
    SET_CERTIFICATES ("_int4", "_int8", "_int8") -> (monitor "int4")
        "update monitor_status s set cert_not_after = u.not_after
         from unnest($1::int[], $2::bigint[], $3::bigint[]) u (monitor, version, not_after)
         where s.monitor = u.monitor and s.version = u.version
         returning s.monitor"
    OWNERS ("_int4") -> (key "int4", id "uuid", organisation "uuid")
        "select key, id, organisation from monitors where key = any ($1)"
    // Of what is not closed yet, the newest row of each region; and where `$4` intervals reach further back, the rows of
    // those slots, which are computable. `offset 0` keeps each of them a lookup by key.
    EVIDENCE ("int2", "int8", "int8", "int4") ->
        (monitor "int4", region "int2", slot "int8", attempt "int2", verdict "text", started_ms "int4", reason "text",
         suspect "text")
        "(select distinct on (r.monitor, r.region)
                 r.monitor, r.region, r.slot, r.attempt, r.verdict::text as verdict, r.started_ms, r.reason::text as reason,
                 r.suspect::text as suspect
          from results r join monitors m on m.key = r.monitor
          where m.lane = $1 and r.slot > $2 and is_of_target(r.slot, r.attempt, m.rev, m.rev_from)
          order by r.monitor, r.region, r.slot desc, r.attempt desc)
         union all
         select r.monitor, r.region, r.slot, r.attempt, r.verdict::text, r.started_ms, r.reason::text, r.suspect::text
         from (select * from cadences c
               where c.lane = $1 and c.to_slot >= $3::bigint and c.from_slot <= $3
                 and $3 - $4 * c.interval <= $2::bigint offset 0) c
         cross join lateral slots_of(c.monitor, $3 - $4 * c.interval, $2) s
         cross join lateral (select r.* from results r
                             where r.slot = s.slot and r.monitor = c.monitor and r.attempt = 0 offset 0) r
         join monitors m on m.key = r.monitor and is_of_target(r.slot, r.attempt, m.rev, m.rev_from)"
    EVIDENCE_OF ("int4", "int8", "int8") ->
        (monitor "int4", region "int2", slot "int8", attempt "int2", verdict "text", started_ms "int4", reason "text",
         suspect "text")
        "select distinct on (r.region)
                r.monitor, r.region, r.slot, r.attempt, r.verdict::text as verdict, r.started_ms, r.reason::text as reason,
                r.suspect::text as suspect
         from ((select r.* from slots_of($1, $2, $3) s
                cross join lateral (select r.* from results r
                                    where r.slot = s.slot and r.monitor = $1 and r.attempt = 0 offset 0) r)
               union all
               select r.* from results r where r.monitor = $1 and r.slot between $2 and $3 and r.attempt <> 0) r
         cross join (select rev, rev_from from monitors where key = $1 offset 0) m
         where is_of_target(r.slot, r.attempt, m.rev, m.rev_from)
         order by r.region, r.slot desc, r.attempt desc"
}

/// Whose a monitor is.
#[derive(Clone, Copy, Debug)]
pub struct Owned {
    /// Its public id.
    pub id: MonitorId,
    /// Its tenant.
    pub organisation: OrgId,
}

/// One of a lane's monitors, with all that its owner goes by.
#[derive(Clone, Debug)]
pub struct Member {
    /// As its jobs have it.
    pub known: Known,
    /// Its status; absent where it is deleted.
    pub status: Option<StatusRow>,
    /// How outcomes become its verdict, where that is not the usual way.
    pub rules: Option<Rules>,
    /// When its certificate ends, unix seconds.
    pub cert_not_after: Option<i64>,
    /// When it was last looked at, unix seconds, where that was overdue.
    pub looked_at: Option<i64>,
    standing: Standings,
}

/// All monitors of a lane, those that are deleted included.
pub async fn members(session: &Session, lane: Lane) -> Result<Vec<Member>, Error> {
    session.query(MEMBERS, &[&lane.0]).await?.iter().map(member).collect()
}

fn member(row: &Row) -> Result<Member, Error> {
    let is_there: bool = row.read("is_there")?;
    Ok(Member {
        known: read_known(row)?,
        status: is_there.then(|| read_status(row)).transpose()?,
        rules: row.json("rules")?,
        cert_not_after: row.read("cert_not_after")?,
        looked_at: row.read("looked_at")?,
        standing: row.json("region_states")?.unwrap_or_default(),
    })
}

/// The statuses of these monitors, where they are not deleted.
pub async fn of(session: &Session, monitors: &[MonitorKey]) -> Result<Vec<StatusRow>, Error> {
    session.query(OF, &[&keys(monitors)]).await?.iter().map(read_status).collect()
}

fn keys(monitors: &[MonitorKey]) -> Vec<i32> {
    monitors.iter().map(|key| key.0).collect()
}

fn read_status(row: &Row) -> Result<StatusRow, Error> {
    Ok(StatusRow { monitor: row.read("key")?, status: row.read("status")?, version: row.read("version")? })
}

/// Writes changed statuses, each only where nobody changed it or its target meanwhile. Returns the monitors written; the
/// version of each is one more than it was.
pub async fn change(session: &Session, changes: &[Change], since: i64) -> Result<HashMap<MonitorKey, Owned>, Error> {
    let monitors: Vec<i32> = changes.iter().map(|change| change.row.monitor.0).collect();
    let words: Vec<&str> = changes.iter().map(|change| change.row.status.as_str()).collect();
    let versions: Vec<i64> = changes.iter().map(|change| change.row.version).collect();
    let reasons: Vec<Option<&str>> = changes.iter().map(|change| change.reason.map(wire::Reason::as_str)).collect();
    let explanations: Vec<String> = changes.iter().map(|change| change.explanation.to_string()).collect();
    let revs: Vec<i32> = changes.iter().map(|change| change.rev.cast_signed()).collect();
    let params: &[&(dyn ToSql + Sync)] = &[&monitors, &words, &versions, &since, &reasons, &explanations, &revs];
    read_owned(&session.query(CHANGE, params).await?)
}

/// Whose these monitors are.
pub async fn owners(session: &Session, monitors: &[MonitorKey]) -> Result<HashMap<MonitorKey, Owned>, Error> {
    read_owned(&session.query(OWNERS, &[&keys(monitors)]).await?)
}

fn read_owned(rows: &[Row]) -> Result<HashMap<MonitorKey, Owned>, Error> {
    rows.iter()
        .map(|row| Ok((row.read("key")?, Owned { id: row.read("id")?, organisation: row.read("organisation")? })))
        .collect()
}

/// What they stand by, by region, of those of which the latest rows do not tell.
type Standings = HashMap<i16, Standing>;

/// Keeps what the next owner of the lane cannot know from the latest rows, and what people who look meanwhile go by.
pub async fn keep(session: &Session, kept: &[Kept<'_>]) -> Result<(), Error> {
    let (monitors, versions): (Vec<i32>, Vec<i64>) = kept.iter().map(|each| (each.monitor.0, each.version)).unzip();
    let looked_at: Vec<Option<i64>> = kept.iter().map(|each| each.looked_at).collect();
    let texts: Vec<Option<String>> = kept.iter().map(|each| standing_text(each.region_states)).collect();
    session.query(KEEP, &[&monitors, &versions, &texts, &looked_at]).await.map(drop)
}

fn standing_text(region_states: &[RegionState]) -> Option<String> {
    let told =
        region_states.iter().filter_map(|region_state| Some((region_state.latest.region.0, region_state.standing()?)));
    let standing: Standings = told.collect();
    // Numbers and words: JSON can hold every one of them.
    (!standing.is_empty()).then(|| serde_json::to_string(&standing).unwrap_or_default())
}

/// The region states of a lane's monitors as they were when the last owner let go: everything after `closed`, and two intervals
/// before `now`, with what `members` say of them.
pub async fn region_states(
    session: &Session,
    lane: Lane,
    (closed, now): (i64, i64),
    members: &[Member],
) -> Result<Vec<(MonitorKey, RegionState)>, Error> {
    let kept = members.iter().filter(|member| !member.standing.is_empty());
    let standing: HashMap<i32, &Standings> = kept.map(|member| (member.known.key.0, &member.standing)).collect();
    let rows = session.query(EVIDENCE, &[&lane.0, &closed, &now, &SILENT_AFTER]).await?;
    rows.iter()
        .map(|row| {
            let (monitor, evidence) = read_evidence(row)?;
            let known = standing.get(&monitor.0).and_then(|regions| regions.get(&evidence.region.0));
            Ok((monitor, RegionState::restored(evidence, known.copied())))
        })
        .collect()
}

/// The region states of one monitor, from the rows of `from` to `to`.
pub async fn region_states_of(
    db: &impl GenericClient,
    monitor: MonitorKey,
    from: i64,
    to: i64,
) -> Result<Vec<RegionState>, Error> {
    let kept = db.query_opt(&db.prepare_cached(REGION_STATES_OF).await?, &[&monitor.0]).await?;
    let standing: Option<Standings> = kept.map(|row| row.json("region_states")).transpose()?.flatten();
    let standing = standing.unwrap_or_default();
    let rows = db.query(&db.prepare_cached(EVIDENCE_OF).await?, &[&monitor.0, &from, &to]).await?;
    rows.iter()
        .map(|row| {
            let (_, evidence) = read_evidence(row)?;
            Ok(RegionState::restored(evidence, standing.get(&evidence.region.0).copied()))
        })
        .collect()
}

fn read_evidence(row: &Row) -> Result<(MonitorKey, Evidence), Error> {
    let (slot, started): (i64, Option<i32>) = (row.read("slot")?, row.read("started_ms")?);
    let evidence = Evidence {
        region: row.read("region")?,
        slot,
        attempt: row.read("attempt")?,
        verdict: row.read("verdict")?,
        reason: row.read("reason")?,
        suspect: row.read("suspect")?,
        heard_ms: slot * 1000 + i64::from(started.unwrap_or(0)),
    };
    Ok((row.read("monitor")?, evidence))
}

/// The rules of these monitors.
pub async fn rules_of(session: &Session, monitors: &[MonitorKey]) -> Result<Vec<(MonitorKey, Rules)>, Error> {
    let rows = session.query(RULES_OF, &[&keys(monitors)]).await?;
    rows.iter().map(|row| Ok((row.read("key")?, row.json("rules")?.unwrap_or_default()))).collect()
}

/// Writes when certificates end, each only while the monitor's status has this version: `(monitor, version, end)`. Returns the
/// monitors written; nobody changes what they look at until the transaction ends.
pub async fn set_certificates(
    session: &Session,
    ends: &[(MonitorKey, i64, i64)],
) -> Result<HashSet<MonitorKey>, Error> {
    let monitors: Vec<i32> = ends.iter().map(|(key, ..)| key.0).collect();
    let (versions, ends): (Vec<i64>, Vec<i64>) = ends.iter().map(|(_, version, end)| (*version, *end)).unzip();
    let rows = session.query(SET_CERTIFICATES, &[&monitors, &versions, &ends]).await?;
    rows.iter().map(|row| row.read("monitor")).collect()
}
