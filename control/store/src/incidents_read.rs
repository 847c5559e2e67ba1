//! Incidents as people read them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    actor::Somebody,
    ids::{ChannelId, OrgId},
    incident::{Kind, Level, State, What},
    keys::MonitorKey,
};
use serde_json::Value;
use uuid::Uuid;
use wire::{MonitorId, Reason, Region};

use super::{Error, GenericClient, Read, Row, Transaction, statement::statements};

statements! {
    /// Those of a page, newest first; over since `$6` are left out.
    LIST ("uuid", "uuid", "_text", "text", "uuid", "int8", "int8") ->
        (id "uuid", kind "text", state "text", level "text", worst "text", reason "text", flapping "bool",
         opened_at "int8", acknowledged_at "int8", resolved_at "int8", monitor "uuid", monitor_name "text",
         region "text", who "uuid", by_key "bool", name "text", failed_in "_text")
        "select i.id, i.kind::text as kind, i.state::text as state, i.level::text as level, i.worst::text as worst,
                i.reason::text as reason, i.flapping, i.opened_at, i.acknowledged_at, i.resolved_at, m.id as monitor,
                m.name as monitor_name, r.id as region, a.who, a.by_key, a.name,
                array(select g.id from incident_failures f join regions g on g.key = f.region where f.incident = i.id
                      order by f.slot, g.id) as failed_in
         from incidents i left join monitors m on m.key = i.monitor left join regions r on r.key = i.region
         left join lateral (
             select t.who, t.by_key, t.name from timeline_shown t
             where i.acknowledged_at is not null and t.incident = i.id and t.what = 'acknowledged'
             order by t.change desc limit 1) a on true
         where i.organisation = $1 and ($2::uuid is null or i.id < $2)
           and ($3::text[] is null or i.state::text = any ($3)) and ($4::text is null or i.kind::text = $4)
           and ($5::uuid is null or m.id = $5) and ($6::int8 is null or i.resolved_at is null or i.resolved_at >= $6)
         order by i.id desc limit $7"
    GET ("uuid", "uuid") ->
        (id "uuid", kind "text", state "text", level "text", worst "text", reason "text", flapping "bool",
         opened_at "int8", acknowledged_at "int8", resolved_at "int8", monitor "uuid", monitor_name "text",
         region "text", who "uuid", by_key "bool", name "text", failed_in "_text")
        "select i.id, i.kind::text as kind, i.state::text as state, i.level::text as level, i.worst::text as worst,
                i.reason::text as reason, i.flapping, i.opened_at, i.acknowledged_at, i.resolved_at, m.id as monitor,
                m.name as monitor_name, r.id as region, a.who, a.by_key, a.name,
                array(select g.id from incident_failures f join regions g on g.key = f.region where f.incident = i.id
                      order by f.slot, g.id) as failed_in
         from incidents i left join monitors m on m.key = i.monitor left join regions r on r.key = i.region
         left join lateral (
             select t.who, t.by_key, t.name from timeline_shown t
             where i.acknowledged_at is not null and t.incident = i.id and t.what = 'acknowledged'
             order by t.change desc limit 1) a on true
         where i.organisation = $1 and i.id = $2"
    /// The newest entries of a timeline, the oldest of them first.
    TIMELINE ("uuid", "int8") ->
        (change "int4", at "timestamptz", what "text", who "uuid", by_key "bool", name "text", data "jsonb")
        "select * from (
             select t.change, t.at, t.what::text as what, t.who, t.by_key, t.name, t.data
             from timeline_shown t
             where t.incident = $1 order by t.change desc limit $2) newest
         order by change"
    FAILURES ("uuid") -> (region "text", slot "int8", attempt "int2", reason "text", detail "text", evidence "jsonb")
        "select r.id as region, f.slot, f.attempt, f.reason::text as reason, f.detail, f.evidence
         from incident_failures f join regions r on r.key = f.region where f.incident = $1 order by f.slot, r.id"
    /// What each channel was told: how many messages are where, and the last one.
    TOLD ("uuid") ->
        (id "uuid", name "text", kind "text", states "jsonb", what "text", state "text", attempts "int4",
         at "timestamptz")
        "select c.id, c.name, c.kind::text as kind, s.states, l.what::text as what, l.state::text as state, l.attempts,
                coalesce(l.done_at, l.due_at) as at
         from (select channel, jsonb_object_agg(state, messages) as states, max(last) as last
               from (select channel, state, count(*) as messages, max(key) as last from outbox
                     where incident = $1 group by channel, state) by_state
               group by channel) s
         cross join lateral (select * from outbox where key = s.last offset 0) l
         cross join lateral (select * from channels where id = s.channel offset 0) c
         order by c.name, c.id"
    /// The worst open incident of each monitor.
    OPEN_OF ("_int4") -> (monitor "int4", id "uuid", state "text", level "text", opened_at "int8")
        "select distinct on (i.monitor) i.monitor, i.id, i.state::text as state, i.level::text as level,
                i.opened_at
         from incidents i
         where i.monitor = any ($1) and i.state <> 'resolved' order by i.monitor, i.level desc, i.id"
    EXPLANATION ("int4") -> (explanation "jsonb") "select explanation from monitor_status where monitor = $1"
    /// The last news of a monitor's open incident, with what became of it.
    ALERT ("int4") -> (id "uuid", at "timestamptz", data "jsonb")
        "select i.id, t.at, t.data from incidents i join timeline t on t.incident = i.id
         where i.monitor = $1 and i.kind = 'availability' and i.state <> 'resolved' and t.what in ('opened', 'escalated')
         order by t.change desc limit 1"
    LOCK ("uuid", "uuid") -> (state "text", monitor "uuid")
        "select i.state::text as state, m.id as monitor from incidents i left join monitors m on m.key = i.monitor
         where i.organisation = $1 and i.id = $2 for update of i"
}

/// Entries of a timeline that are shown.
const NEWEST: i64 = 1_000;

/// An incident.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `incidents`")]
pub struct Incident {
    pub id: Uuid,
    pub kind: Kind,
    pub state: State,
    pub level: Level,
    pub worst: Level,
    pub reason: Option<Reason>,
    pub flapping: bool,
    pub opened_at: i64,
    pub acknowledged_at: Option<i64>,
    pub resolved_at: Option<i64>,
    /// Id and name; absent where it is about a region.
    pub monitor: Option<(MonitorId, String)>,
    pub region: Option<Region>,
    /// Who acknowledged it last; absent where nobody did, or the machine.
    pub acknowledged_by: Option<Somebody>,
    /// Regions that failed in it, in the order in which they did.
    pub failed_in: Vec<Region>,
}

/// Something that happened to an incident.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number, from 1.
    pub change: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: What,
    /// Who; absent for the machine.
    pub who: Option<Somebody>,
    /// The explanation, or a comment's `text`.
    pub data: Value,
}

/// A region's first failure.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Where.
    pub region: Region,
    /// When it was due, unix seconds.
    pub slot: i64,
    /// Which attempt.
    pub attempt: i16,
    /// Why.
    pub reason: Reason,
    /// A sentence.
    pub detail: Option<String>,
    /// Request, response and certificate, as they were kept.
    pub evidence: Option<Value>,
}

/// What a channel was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Which.
    pub channel: ChannelId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// How many messages are `pending`, `sent`, `dead`, `dropped` or `merged`.
    pub states: Value,
    /// The last letter: what it says, where it is, how often it was tried, and since when or until when.
    pub last: (What, String, i32, DateTime<Utc>),
}

/// An open incident, in short.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `incidents`")]
pub struct OpenIncident {
    pub id: Uuid,
    pub state: State,
    pub level: Level,
    pub opened_at: i64,
}

/// The last news of an incident.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Which.
    pub incident: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The explanation, with `policy`, whether it `sends` such news, and how many channels were `told`.
    pub data: Value,
}

/// Which incidents a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those behind this one.
    pub after: Option<Uuid>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// About this monitor.
    pub monitor: Option<MonitorId>,
    /// Not over before, unix seconds.
    pub since: Option<i64>,
}

/// The newest incidents that `filter` lets through, at most `limit`, newest first.
pub async fn list(db: &impl GenericClient, org: OrgId, filter: &Filter, limit: i64) -> Result<Vec<Incident>, Error> {
    let states: Option<Vec<&str>> =
        filter.states.as_ref().map(|states| states.iter().map(|state| state.as_str()).collect());
    let (kind, monitor) = (filter.kind.map(Kind::as_str), filter.monitor.map(|id| id.0));
    let statement = db.prepare_cached(LIST).await?;
    let rows = db.query(&statement, &[&org.0, &filter.after, &states, &kind, &monitor, &filter.since, &limit]).await?;
    rows.iter().map(read).collect()
}

/// The organisation's incident with this id.
pub async fn get(db: &impl GenericClient, org: OrgId, id: Uuid) -> Result<Option<Incident>, Error> {
    db.query_opt(&db.prepare_cached(GET).await?, &[&org.0, &id]).await?.as_ref().map(read).transpose()
}

/// What happened to an incident, the newest thousand entries, oldest first.
pub async fn timeline(db: &impl GenericClient, id: Uuid) -> Result<Vec<Entry>, Error> {
    let rows = db.query(&db.prepare_cached(TIMELINE).await?, &[&id, &NEWEST]).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                change: row.read("change")?,
                at: row.read("at")?,
                what: row.read("what")?,
                who: somebody(row)?,
                data: row.read("data")?,
            })
        })
        .collect()
}

/// Each region's first failure in an incident.
pub async fn failures(db: &impl GenericClient, id: Uuid) -> Result<Vec<Failure>, Error> {
    let rows = db.query(&db.prepare_cached(FAILURES).await?, &[&id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Failure {
                region: row.read("region")?,
                slot: row.read("slot")?,
                attempt: row.read("attempt")?,
                reason: row.read("reason")?,
                detail: row.read("detail")?,
                evidence: row.read("evidence")?,
            })
        })
        .collect()
}

/// What each channel was told of an incident.
pub async fn told(db: &impl GenericClient, id: Uuid) -> Result<Vec<Told>, Error> {
    let rows = db.query(&db.prepare_cached(TOLD).await?, &[&id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Told {
                channel: row.read("id")?,
                name: row.read("name")?,
                kind: row.read("kind")?,
                states: row.read("states")?,
                last: (row.read("what")?, row.read("state")?, row.read("attempts")?, row.read("at")?),
            })
        })
        .collect()
}

/// The worst open incident of each of these monitors that has one.
pub async fn open_of(
    db: &impl GenericClient,
    monitors: &[MonitorKey],
) -> Result<HashMap<MonitorKey, OpenIncident>, Error> {
    let keys: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    let rows = db.query(&db.prepare_cached(OPEN_OF).await?, &[&keys]).await?;
    rows.iter()
        .map(|row| {
            let (state, level) = (row.read("state")?, row.read("level")?);
            let open = OpenIncident { id: row.read("id")?, state, level, opened_at: row.read("opened_at")? };
            Ok((row.read("monitor")?, open))
        })
        .collect()
}

/// Who voted what when a monitor's status changed last.
pub async fn explanation(db: &impl GenericClient, monitor: MonitorKey) -> Result<Option<Value>, Error> {
    let row = db.query_opt(&db.prepare_cached(EXPLANATION).await?, &[&monitor.0]).await?;
    Ok(row.map(|row| row.read::<Option<Value>>("explanation")).transpose()?.flatten())
}

/// Whether people were told of a monitor's open availability incident, and why.
pub async fn alert(db: &impl GenericClient, monitor: MonitorKey) -> Result<Option<Alert>, Error> {
    let row = db.query_opt(&db.prepare_cached(ALERT).await?, &[&monitor.0]).await?;
    row.map(|row| Ok(Alert { incident: row.read("id")?, at: row.read("at")?, data: row.read("data")? })).transpose()
}

/// Where the organisation's incident stands and which monitor it is about, its row locked until the transaction ends.
pub async fn lock(tx: &Transaction<'_>, org: OrgId, id: Uuid) -> Result<Option<(State, Option<MonitorId>)>, Error> {
    let row = tx.query_opt(&tx.prepare_cached(LOCK).await?, &[&org.0, &id]).await?;
    row.map(|row| Ok((row.read("state")?, row.read("monitor")?))).transpose()
}

/// Who did it; absent for the machine.
pub(super) fn somebody(row: &Row) -> Result<Option<Somebody>, Error> {
    let Some(id) = row.read("who")? else { return Ok(None) };
    let name: Option<String> = row.read("name")?;
    Ok(Some(Somebody { id, is_key: row.read("by_key")?, name: name.unwrap_or_default() }))
}

fn read(row: &Row) -> Result<Incident, Error> {
    let (monitor, name): (Option<MonitorId>, Option<String>) = (row.read("monitor")?, row.read("monitor_name")?);
    Ok(Incident {
        id: row.read("id")?,
        kind: row.read("kind")?,
        state: row.read("state")?,
        level: row.read("level")?,
        worst: row.read("worst")?,
        reason: row.read("reason")?,
        flapping: row.read("flapping")?,
        opened_at: row.read("opened_at")?,
        acknowledged_at: row.read("acknowledged_at")?,
        resolved_at: row.read("resolved_at")?,
        monitor: monitor.map(|id| (id, name.unwrap_or_default())),
        region: row.read("region")?,
        acknowledged_by: somebody(row)?,
        failed_in: row.read("failed_in")?,
    })
}
