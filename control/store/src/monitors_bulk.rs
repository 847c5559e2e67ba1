//! Many monitors changed alike in one transaction, with as many statements for a thousand as for one.
//!
//! The organisation is locked before lanes and lanes before rows, as by all who change a schedule. Whoever waits for a row
//! here gives up before PostgreSQL would look for a circle, so that it is never the ingester that has to.

use std::collections::HashMap;

use domain::{
    actor::Attribution,
    incident::Closing,
    keys::{Lane, MonitorKey},
    status::Status,
};
use serde_json::json;
use uuid::Uuid;
use wire::MonitorId;

use super::{
    Error, GenericClient, Read, Row, Transaction, incidents,
    monitors::{remove, reschedule, set_status},
    quota::Change,
    statement::statements,
};

statements! {
    GIVE_UP_EARLY () -> (set_config "text") "select set_config('lock_timeout', '500ms', true)"
    LOCK_LANES ("uuid", "_uuid") -> (lock_lane_shared "void")
        "select lock_lane_shared(lane) from (
             select distinct lane from monitors
             where organisation = $1 and id = any ($2) and deleted_at is null order by lane) l"
    LOCK ("uuid", "_uuid") -> (key "int4", id "uuid", lane "int2", enabled "bool", tags "_text")
        "select key, id, lane, enabled, tags from monitors
         where organisation = $1 and id = any ($2) and deleted_at is null order by key for no key update"
    LOCK_STATUSES ("_int4") -> (monitor "int4")
        "select monitor from monitor_status where monitor = any ($1) order by monitor for update"
    SWITCH ("_int4", "bool") -> () "update monitors set enabled = $2, updated_at = now() where key = any ($1)"
    RETAG ("json") -> ()
        "update monitors m set tags = n.tags, updated_at = now()
         from json_to_recordset($1) n (key integer, tags text[]) where m.key = n.key"
}

/// A monitor that is locked.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Its key.
    pub key: MonitorKey,
    /// Its public id.
    pub id: MonitorId,
    /// Its lane.
    pub lane: Lane,
    /// Whether it is watched.
    pub enabled: bool,
    /// As they are.
    pub tags: Vec<String>,
}

/// An incident that ended with the monitor it is about.
pub type Ended = (Uuid, MonitorId);

/// The monitors among these of the organisation that `change` is of; nobody changes them until the transaction ends.
pub async fn lock(tx: &Transaction<'_>, change: &Change, monitors: &[MonitorId]) -> Result<Vec<Locked>, Error> {
    let org = change.org();
    let ids: Vec<Uuid> = monitors.iter().map(|monitor| monitor.0).collect();
    tx.query(&tx.prepare_cached(GIVE_UP_EARLY).await?, &[]).await?;
    tx.execute(&tx.prepare_cached(LOCK_LANES).await?, &[&org.0, &ids]).await?;
    let rows = tx.query(&tx.prepare_cached(LOCK).await?, &[&org.0, &ids]).await?;
    let locked = |row: &Row| {
        Ok(Locked {
            key: row.read("key")?,
            id: row.read("id")?,
            lane: row.read("lane")?,
            enabled: row.read("enabled")?,
            tags: row.read("tags")?,
        })
    };
    rows.iter().map(locked).collect()
}

/// Stops watching these, or watches them again. Returns the incidents that ended.
pub async fn switch(
    tx: &Transaction<'_>,
    monitors: &[&Locked],
    on: bool,
    by: Attribution,
) -> Result<Vec<Ended>, Error> {
    let keys = keys(monitors);
    let status = if on { Status::Pending } else { Status::Paused };
    tx.query(&tx.prepare_cached(LOCK_STATUSES).await?, &[&keys]).await?;
    tx.execute(&tx.prepare_cached(SWITCH).await?, &[&keys, &on]).await?;
    set_status(tx, &keys, status, by.at).await?;
    reschedule(tx, &keys).await?;
    if on { Ok(Vec::new()) } else { close_incidents(tx, monitors, Closing::Paused, by).await }
}

/// Takes these away; their rows stay to explain stored results. Returns the incidents that ended.
pub async fn delete(tx: &Transaction<'_>, monitors: &[&Locked], by: Attribution) -> Result<Vec<Ended>, Error> {
    let keys = keys(monitors);
    tx.query(&tx.prepare_cached(LOCK_STATUSES).await?, &[&keys]).await?;
    remove(tx, &keys, by.at).await?;
    close_incidents(tx, monitors, Closing::Deleted, by).await
}

/// Gives each its new tags.
pub async fn retag(tx: &Transaction<'_>, monitors: &[(MonitorKey, Vec<String>)]) -> Result<(), Error> {
    let rows = monitors.iter().map(|(key, tags)| json!({"key": key.0, "tags": tags})).collect::<serde_json::Value>();
    tx.execute(&tx.prepare_cached(RETAG).await?, &[&rows]).await?;
    Ok(())
}

async fn close_incidents(
    tx: &Transaction<'_>,
    monitors: &[&Locked],
    closing: Closing,
    by: Attribution,
) -> Result<Vec<Ended>, Error> {
    let ids: HashMap<MonitorKey, MonitorId> = monitors.iter().map(|monitor| (monitor.key, monitor.id)).collect();
    let keys: Vec<MonitorKey> = monitors.iter().map(|monitor| monitor.key).collect();
    let ended = incidents::close_about(tx, &keys, closing, by).await?;
    Ok(ended.into_iter().filter_map(|(key, incident)| Some((incident, *ids.get(&key)?))).collect())
}

fn keys(monitors: &[&Locked]) -> Vec<i32> {
    monitors.iter().map(|monitor| monitor.key.0).collect()
}
