//! Incidents as people read and answer them. What follows from an answer (timeline, outbox) is SQL's `announce`, as it is
//! for the ingester.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    actor::{Actor, Somebody},
    ids::{ChannelId, OrgId},
    incident::{Kind, Level, State, What},
    keys::MonitorKey,
};
use serde_json::Value;
use uuid::Uuid;
use wire::{MonitorId, Reason, Region};

use super::{Error, GenericClient, Transaction, statement::statements};

statements! {
    /// Those of a page, newest first; over since `$6` are left out.
    LIST ("uuid", "uuid", "_text", "text", "uuid", "int8", "int8") ->
        ("uuid", "text", "text", "text", "text", "text", "bool", "int8", "int8", "int8", "uuid", "text", "text", "uuid", "bool",
         "text", "_text")
        "select i.id, i.kind::text, i.state::text, i.level::text, i.worst::text, i.reason::text, i.flapping, i.opened_at,
                i.acknowledged_at, i.resolved_at, m.id, m.name, r.id, a.who, a.by_key, a.name,
                array(select g.id from incident_failures f join regions g on g.key = f.region where f.incident = i.id
                      order by f.slot, g.id)
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
        ("uuid", "text", "text", "text", "text", "text", "bool", "int8", "int8", "int8", "uuid", "text", "text", "uuid", "bool",
         "text", "_text")
        "select i.id, i.kind::text, i.state::text, i.level::text, i.worst::text, i.reason::text, i.flapping, i.opened_at,
                i.acknowledged_at, i.resolved_at, m.id, m.name, r.id, a.who, a.by_key, a.name,
                array(select g.id from incident_failures f join regions g on g.key = f.region where f.incident = i.id
                      order by f.slot, g.id)
         from incidents i left join monitors m on m.key = i.monitor left join regions r on r.key = i.region
         left join lateral (
             select t.who, t.by_key, t.name from timeline_shown t
             where i.acknowledged_at is not null and t.incident = i.id and t.what = 'acknowledged'
             order by t.change desc limit 1) a on true
         where i.organisation = $1 and i.id = $2"
    /// The newest entries of a timeline, the oldest of them first.
    TIMELINE ("uuid", "int8") -> ("int4", "timestamptz", "text", "uuid", "bool", "text", "jsonb")
        "select * from (
             select t.change, t.at, t.what::text, t.who, t.by_key, t.name, t.data
             from timeline_shown t
             where t.incident = $1 order by t.change desc limit $2) newest
         order by change"
    FAILURES ("uuid") -> ("text", "int8", "int2", "text", "text", "jsonb")
        "select r.id, f.slot, f.attempt, f.reason::text, f.detail, f.evidence
         from incident_failures f join regions r on r.key = f.region where f.incident = $1 order by f.slot, r.id"
    /// What each channel was told: how many letters are where, and the last one.
    TOLD ("uuid") -> ("uuid", "text", "text", "jsonb", "text", "text", "int4", "timestamptz")
        "select c.id, c.name, c.kind::text, s.states, l.what::text, l.state::text, l.attempts, coalesce(l.done_at, l.due_at)
         from (select channel, jsonb_object_agg(state, letters) as states, max(last) as last
               from (select channel, state, count(*) as letters, max(key) as last from outbox
                     where incident = $1 group by channel, state) by_state
               group by channel) s
         cross join lateral (select * from outbox where key = s.last offset 0) l
         cross join lateral (select * from channels where id = s.channel offset 0) c
         order by c.name, c.id"
    /// The worst open incident of each monitor.
    OPEN_OF ("_int4") -> ("int4", "uuid", "text", "text", "int8")
        "select distinct on (i.monitor) i.monitor, i.id, i.state::text, i.level::text, i.opened_at from incidents i
         where i.monitor = any ($1) and i.state <> 'resolved' order by i.monitor, i.level desc, i.id"
    EXPLANATION ("int4") -> ("jsonb") "select explanation from monitor_status where monitor = $1"
    /// The last news of a monitor's open incident, with what became of it.
    ALERT ("int4") -> ("uuid", "timestamptz", "jsonb")
        "select i.id, t.at, t.data from incidents i join timeline t on t.incident = i.id
         where i.monitor = $1 and i.kind = 'availability' and i.state <> 'resolved' and t.what in ('opened', 'escalated')
         order by t.change desc limit 1"
    LOCK ("uuid", "uuid") -> ("text", "uuid")
        "select i.state::text, m.id from incidents i left join monitors m on m.key = i.monitor
         where i.organisation = $1 and i.id = $2 for update of i"
    ACKNOWLEDGE ("uuid", "int8") -> ()
        "update incidents set state = 'acknowledged', acknowledged_at = $2, remind_at = null where id = $1"
    ANNOUNCE ("uuid", "text", "uuid", "jsonb") -> ("int4")
        "select change from announce($1, $2::text::happening, $3, $4, '0')"
    RESOLVE ("uuid", "int8", "uuid") -> ("bool") "select resolve_incident($1, $2, $3, '{}')"
    /// Who did what was announced last of an incident whose row is locked, where it was a key.
    SIGN ("uuid", "uuid") -> ()
        "update timeline t set api_key = $2 from incidents i
         where i.id = $1 and t.incident = i.id and t.change = i.changes"
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
    /// How many letters are `pending`, `sent`, `dead`, `dropped` or `merged`.
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
                change: row.try_get(0)?,
                at: row.try_get(1)?,
                what: word(row, 2)?,
                who: somebody(row, 3)?,
                data: row.try_get(6)?,
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
                region: word(row, 0)?,
                slot: row.try_get(1)?,
                attempt: row.try_get(2)?,
                reason: word(row, 3)?,
                detail: row.try_get(4)?,
                evidence: row.try_get(5)?,
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
                channel: ChannelId(row.try_get(0)?),
                name: row.try_get(1)?,
                kind: row.try_get(2)?,
                states: row.try_get(3)?,
                last: (word(row, 4)?, row.try_get(5)?, row.try_get(6)?, row.try_get(7)?),
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
            let (state, level) = (word(row, 2)?, word(row, 3)?);
            let open = OpenIncident { id: row.try_get(1)?, state, level, opened_at: row.try_get(4)? };
            Ok((MonitorKey(row.try_get(0)?), open))
        })
        .collect()
}

/// Who voted what when a monitor's status changed last.
pub async fn explanation(db: &impl GenericClient, monitor: MonitorKey) -> Result<Option<Value>, Error> {
    let row = db.query_opt(&db.prepare_cached(EXPLANATION).await?, &[&monitor.0]).await?;
    Ok(row.map(|row| row.try_get::<_, Option<Value>>(0)).transpose()?.flatten())
}

/// Whether people were told of a monitor's open availability incident, and why.
pub async fn alert(db: &impl GenericClient, monitor: MonitorKey) -> Result<Option<Alert>, Error> {
    let row = db.query_opt(&db.prepare_cached(ALERT).await?, &[&monitor.0]).await?;
    row.map(|row| Ok(Alert { incident: row.try_get(0)?, at: row.try_get(1)?, data: row.try_get(2)? })).transpose()
}

/// Where the organisation's incident stands and which monitor it is about, its row locked until the transaction ends.
pub async fn lock(tx: &Transaction<'_>, org: OrgId, id: Uuid) -> Result<Option<(State, Option<MonitorId>)>, Error> {
    let row = tx.query_opt(&tx.prepare_cached(LOCK).await?, &[&org.0, &id]).await?;
    row.map(|row| Ok((word(&row, 0)?, row.try_get::<_, Option<Uuid>>(1)?.map(MonitorId)))).transpose()
}

/// Somebody looks after a locked, open incident from `now` on (unix seconds): no more reminders.
pub async fn acknowledge(tx: &Transaction<'_>, id: Uuid, who: Actor, now: i64) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(ACKNOWLEDGE).await?, &[&id, &now]).await?;
    announce(tx, id, What::Acknowledged, who, &Value::Object(serde_json::Map::new())).await
}

/// Somebody ends a locked incident that is not over, at `now` (unix seconds).
pub async fn resolve(tx: &Transaction<'_>, id: Uuid, who: Actor, now: i64) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(RESOLVE).await?, &[&id, &now, &who.person().map(|user| user.0)]).await?;
    sign(tx, id, who).await
}

/// Somebody says something about a locked incident.
pub async fn comment(tx: &Transaction<'_>, id: Uuid, who: Actor, text: &str) -> Result<(), Error> {
    announce(tx, id, What::Commented, who, &serde_json::json!({ "text": text })).await
}

async fn announce(tx: &Transaction<'_>, id: Uuid, what: What, who: Actor, facts: &Value) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(ANNOUNCE).await?, &[&id, &what.as_str(), &who.person().map(|user| user.0), facts])
        .await?;
    sign(tx, id, who).await
}

async fn sign(tx: &Transaction<'_>, id: Uuid, who: Actor) -> Result<(), Error> {
    if let Some(key) = who.key() {
        tx.execute(&tx.prepare_cached(SIGN).await?, &[&id, &key.0]).await?;
    }
    Ok(())
}

/// Who did it: their id, whether that is a key's, and their name, from column `first` on.
pub(super) fn somebody(row: &tokio_postgres::Row, first: usize) -> Result<Option<Somebody>, Error> {
    let Some(id) = row.try_get(first)? else { return Ok(None) };
    let (is_key, name): (bool, Option<String>) = (row.try_get(first + 1)?, row.try_get(first + 2)?);
    Ok(Some(Somebody { id, is_key, name: name.unwrap_or_default() }))
}

fn read(row: &tokio_postgres::Row) -> Result<Incident, Error> {
    let (monitor, name): (Option<Uuid>, Option<String>) = (row.try_get(10)?, row.try_get(11)?);
    Ok(Incident {
        id: row.try_get(0)?,
        kind: word(row, 1)?,
        state: word(row, 2)?,
        level: word(row, 3)?,
        worst: word(row, 4)?,
        reason: maybe_word(row, 5)?,
        flapping: row.try_get(6)?,
        opened_at: row.try_get(7)?,
        acknowledged_at: row.try_get(8)?,
        resolved_at: row.try_get(9)?,
        monitor: monitor.map(|id| (MonitorId(id), name.unwrap_or_default())),
        region: maybe_word(row, 12)?,
        acknowledged_by: somebody(row, 13)?,
        failed_in: regions(row.try_get(16)?)?,
    })
}

fn regions(names: Vec<&str>) -> Result<Vec<Region>, Error> {
    names.into_iter().map(|name| name.parse().map_err(|_| Error::Missing("region name"))).collect()
}

fn word<T: std::str::FromStr>(row: &tokio_postgres::Row, column: usize) -> Result<T, Error> {
    maybe_word(row, column)?.ok_or(Error::Missing("word of an incident"))
}

fn maybe_word<T: std::str::FromStr>(row: &tokio_postgres::Row, column: usize) -> Result<Option<T>, Error> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(str::parse).transpose().map_err(|_| Error::Missing("word of an incident"))
}
