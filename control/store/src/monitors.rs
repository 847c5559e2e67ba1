//! Monitors and their schedules. Whoever changes a schedule locks the organisation first where it has a quota, then the
//! lane, and rows after it: the other way round two transactions and the pusher between them would wait for each other in a
//! circle.

use chrono::{DateTime, Utc};
use domain::{
    ids::{OrgId, PolicyId},
    keys::{Lane, MonitorKey},
    monitor::{Columns, Monitor, Problem},
    quota::Limits,
    stale::{self, Shown},
    status::Status,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wire::{MonitorId, Reason};

use super::{
    Error, GenericClient, Read, Refused, Transaction, quota::Change, regions_list::RegionKeys, statement::statements,
};

statements! {
    LIST ("uuid", "uuid", "text", "text", "text", "int8", "int8") ->
        (key "int4", id "uuid", lane "int2", phase "int4", created_at "timestamptz", status "text", since "int8",
         name "text", url "text", interval "int4", regions "_text", spec "text", tags "_text", enabled "bool",
         rules "text", policy "uuid", version "int8", reason "text", cert_not_after "int8", organisation "uuid",
         rev "int4", known "int8")
        "select m.* from monitors_shown m
         where m.organisation = $1 and ($2::uuid is null or m.id < $2)
           and ($3::text is null or strpos(lower(m.name), lower($3)) > 0 or strpos(lower(m.url), lower($3)) > 0)
           and ($4::text is null
                or $4 = case when is_unchecked(m.status::status, m.known, m.interval, $7) then 'unknown' else m.status end)
           and ($5::text is null or $5 = any (m.tags))
         order by m.id desc limit $6"
    GET ("uuid", "uuid") ->
        (key "int4", id "uuid", lane "int2", phase "int4", created_at "timestamptz", status "text", since "int8",
         name "text", url "text", interval "int4", regions "_text", spec "text", tags "_text", enabled "bool",
         rules "text", policy "uuid", version "int8", reason "text", cert_not_after "int8", organisation "uuid",
         rev "int4", known "int8")
        "select m.* from monitors_shown m where m.organisation = $1 and m.id = $2"
    LOCK_LANE ("uuid", "uuid") -> (lock_lane_shared "void")
        "select lock_lane_shared(lane) from monitors where organisation = $1 and id = $2 and deleted_at is null"
    LOCK_LANES ("_int2") -> (lock_lane_shared "void")
        "select lock_lane_shared(lane) from (select distinct lane from unnest($1::smallint[]) u (lane) order by lane) u"
    // Incidents name their monitor: whoever opens one with its status locked must not have to wait for a person who waits for
    // that status.
    LOCK_ROW ("uuid", "uuid") -> (key "int4")
        "select key from monitors where organisation = $1 and id = $2 and deleted_at is null for no key update"
    CREATE ("uuid", "json", "int8") -> (key "int4", lane "int2")
        "with made as (
             insert into monitors (id, organisation, lane, name, url, interval, phase, regions, spec, tags, enabled,
                                   rules, policy)
             select n.id, $1, n.lane, n.name, n.url, n.interval, phase_of(n.id, n.interval), n.regions, n.spec, n.tags,
                    n.enabled, n.rules, n.policy
             from json_to_recordset($2) n (id uuid, lane smallint, name text, url text, interval integer,
                                           regions smallint[], spec text, tags text[], enabled boolean, rules text,
                                           policy uuid)
             returning key, lane, enabled),
         statuses as (
             insert into monitor_status (monitor, status, since)
             select key, case when enabled then 'pending' else 'paused' end::status, $3 from made)
         select key, lane from made"
    RESCHEDULE ("_int4") -> (reschedule "void") "select reschedule(key) from unnest($1::int[]) u (key)"
    SET_STATUS ("_int4", "text", "int8") -> ()
        "update monitor_status set status = $2::text::status, since = $3, version = version + 1, reason = null,
             explanation = null
         where monitor = any ($1)"
    DELETE ("_int4") -> () "update monitors set deleted_at = now(), updated_at = now() where key = any ($1)"
    // Locked, so that none goes away before the monitor that goes by it is stored.
    POLICIES ("uuid", "_uuid") -> (id "uuid")
        "select id from policies where organisation = $1 and id = any ($2) for key share"
}

/// A stored monitor.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its key.
    pub key: MonitorKey,
    /// Its public id.
    pub id: MonitorId,
    /// Its lane.
    pub lane: Lane,
    /// `slot % interval` of its slots.
    pub phase: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// What was found last. What people see of it says [`Row::shown`].
    pub status: Status,
    /// Since when, unix seconds.
    pub since: i64,
    /// How often the status changed.
    pub version: i64,
    /// Why it is not plainly up: what most regions that find it so say.
    pub reason: Option<Reason>,
    /// When its certificate ends, unix seconds; absent where none was seen.
    pub cert_not_after: Option<i64>,
    /// How often its target changed.
    pub rev: u32,
    /// What to watch.
    pub monitor: Monitor,
    /// Up to which second what regions report of it is stored.
    pub known: i64,
}

impl Row {
    /// What people see of it at `now`, unix seconds.
    pub fn shown(&self, now: i64) -> Shown<Reason> {
        stale::shown((self.status, self.since, self.reason), self.known, self.monitor.interval().seconds(), now)
    }
}

/// Which monitors a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those behind this one.
    pub after: Option<MonitorId>,
    /// With this text in name or URL, in any case.
    pub search: Option<String>,
    /// With this status, as people see it.
    pub status: Option<Status>,
    /// With this tag.
    pub tag: Option<String>,
}

/// The newest monitors that `filter` lets through at `now` (unix seconds), at most `limit`, newest first.
pub async fn list(
    db: &impl GenericClient,
    org: OrgId,
    filter: &Filter,
    limit: i64,
    now: i64,
) -> Result<Vec<Row>, Error> {
    let Filter { after, search, status, tag } = filter;
    let (after, status) = (after.map(|id| id.0), status.map(Status::as_str));
    let statement = db.prepare_cached(LIST).await?;
    let rows = db.query(&statement, &[&org.0, &after, search, &status, tag, &limit, &now]).await?;
    rows.iter().map(read).collect()
}

/// The organisation's monitor with this id.
pub async fn get(db: &impl GenericClient, org: OrgId, id: MonitorId) -> Result<Option<Row>, Error> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&org.0, &id.0]).await?;
    row.as_ref().map(read).transpose()
}

/// The monitor with this id of the organisation that `change` is of, its lane locked (shared) and its row locked: nobody
/// changes it until the transaction ends.
pub async fn lock(tx: &Transaction<'_>, change: &Change, id: MonitorId) -> Result<Option<Row>, Error> {
    let org = change.org();
    for sql in [LOCK_LANE, LOCK_ROW] {
        if tx.query_opt(&tx.prepare_cached(sql).await?, &[&org.0, &id.0]).await?.is_none() {
            return Ok(None);
        }
    }
    get(tx, org, id).await
}

/// Creates monitors, their status and their schedule. At most about 1,000 at once: their lanes stand still meanwhile.
/// `lanes` is how many there are, `now` unix seconds. Refused where `quota` has no room for all of them. Returns their keys and
/// lanes, in no order.
pub async fn create(
    tx: &Transaction<'_>,
    org: OrgId,
    monitors: &[(MonitorId, Monitor)],
    lanes: usize,
    now: i64,
    quota: Limits,
) -> Result<Vec<(MonitorKey, Lane)>, Refused> {
    let change = Change::begin(tx, org, quota).await?;
    let regions = RegionKeys::load(tx, now).await?;
    check_policies(tx, org, monitors.iter().filter_map(|(_, monitor)| monitor.policy())).await?;
    let rows: Vec<_> =
        monitors.iter().map(|(id, monitor)| new_row(*id, monitor, lanes, &regions)).collect::<Result<_, _>>()?;
    let wanted: Vec<i16> = monitors.iter().map(|(id, _)| lane_of(*id, lanes).0).collect();
    tx.execute(&tx.prepare_cached(LOCK_LANES).await?, &[&wanted]).await?;
    let made = tx.query(&tx.prepare_cached(CREATE).await?, &[&org.0, &Value::Array(rows), &now]).await?;
    let made = made.iter().map(|row| Ok((row.read("key")?, row.read("lane")?)));
    let made = made.collect::<Result<Vec<(MonitorKey, Lane)>, Error>>()?;
    change.end(tx, "/interval").await?;
    reschedule(tx, &made.iter().map(|(key, _)| key.0).collect::<Vec<_>>()).await?;
    Ok(made)
}

/// Another organisation's policy is as unknown as one that never was.
pub(super) async fn check_policies(
    tx: &Transaction<'_>,
    org: OrgId,
    wanted: impl IntoIterator<Item = PolicyId>,
) -> Result<(), Refused> {
    let wanted: Vec<Uuid> = wanted.into_iter().map(|policy| policy.0).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let rows = tx.query(&tx.prepare_cached(POLICIES).await?, &[&org.0, &wanted]).await?;
    let known = rows.iter().map(|row| row.read("id")).collect::<Result<Vec<Uuid>, _>>()?;
    let Some(unknown) = wanted.iter().find(|policy| !known.contains(policy)) else { return Ok(()) };
    let detail = format!("no alert policy `{unknown}` is there: leave `alert_policy` out for the default one");
    Err(Refused::Invalid(vec![Problem { pointer: "/alert_policy".to_owned(), detail }]))
}

/// The lane of a new monitor, from the random end of its id. Not from the hash that makes its phase: a lane would have
/// all its monitors at a few phases.
fn lane_of(id: MonitorId, lanes: usize) -> Lane {
    Lane((id.0.as_u64_pair().1 % lanes.max(1) as u64) as i16)
}

fn new_row(id: MonitorId, monitor: &Monitor, lanes: usize, regions: &RegionKeys) -> Result<Value, Refused> {
    let regions = regions.of(monitor).map_err(Refused::Invalid)?;
    let Columns { name, url, interval, spec, rules, policy, tags, enabled, .. } = monitor.columns();
    Ok(json!({
        "id": id, "lane": lane_of(id, lanes).0, "name": name, "url": url, "interval": interval, "regions": regions,
        "spec": spec, "tags": tags, "enabled": enabled, "rules": rules, "policy": policy,
    }))
}

fn read(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let columns = Columns {
        name: row.read("name")?,
        url: row.read("url")?,
        interval: row.read("interval")?,
        regions: row.read("regions")?,
        spec: row.read("spec")?,
        tags: row.read("tags")?,
        enabled: row.read("enabled")?,
        rules: row.read("rules")?,
        policy: row.read("policy")?,
    };
    let monitor = columns.try_into().map_err(|why| Error::Undecodable { column: "spec", kind: "monitor", why });
    Ok(Row {
        key: row.read("key")?,
        id: row.read("id")?,
        lane: row.read("lane")?,
        phase: row.read("phase")?,
        created_at: row.read("created_at")?,
        status: row.read("status")?,
        since: row.read("since")?,
        version: row.read("version")?,
        reason: row.read("reason")?,
        cert_not_after: row.read("cert_not_after")?,
        rev: row.read::<i32>("rev")?.cast_unsigned(),
        monitor: monitor?,
        known: row.read("known")?,
    })
}

/// Writes new periods for the schedules of monitors whose rows changed.
pub(super) async fn reschedule(tx: &Transaction<'_>, keys: &[i32]) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(RESCHEDULE).await?, &[&keys]).await?;
    Ok(())
}

/// Sets the status a person's doing leads to, at `now`, unix seconds. Who is about to write another finds that somebody was
/// faster.
pub(super) async fn set_status(tx: &Transaction<'_>, keys: &[i32], status: Status, now: i64) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(SET_STATUS).await?, &[&keys, &status.as_str(), &now]).await?;
    Ok(())
}

/// Takes monitors away at `now`; their rows stay to explain stored results.
pub(super) async fn remove(tx: &Transaction<'_>, keys: &[i32], now: i64) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(DELETE).await?, &[&keys]).await?;
    set_status(tx, keys, Status::Paused, now).await?;
    reschedule(tx, keys).await
}
