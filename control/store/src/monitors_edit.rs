//! A monitor that is changed, switched off and on, or taken away, and what follows from it in the same transaction: its
//! schedule, its status, incidents that are over. Statuses come before incidents, as with the ingester.

use domain::{
    actor::Attribution,
    ids::OrgId,
    incident::Closing,
    keys::MonitorKey,
    monitor::{Columns, Monitor},
    status::Status,
};
use uuid::Uuid;

use super::{
    Error, Refused, Transaction, incidents,
    monitors::{Row, check_policies, remove, reschedule, set_status},
    quota::Change,
    regions_list::RegionKeys,
    statement::statements,
};

statements! {
    UPDATE ("uuid", "int4", "text", "text", "int4", "_int2", "text", "_text", "bool", "text", "uuid", "bool") -> ()
        "update monitors
         set name = $3, url = $4, interval = $5, phase = phase_of(id, $5), regions = $6, spec = $7, tags = $8,
             enabled = $9, rules = $10, policy = $11, updated_at = now(),
             rev = case when $12 then rev + 1 else rev end,
             rev_from = case when $12 then next_free_slot(lane) else rev_from end
         where organisation = $1 and key = $2"
    FORGET ("int4", "bool") -> ()
        "update monitor_status set region_states = null, cert_not_after = case when $2 then null else cert_not_after end
         where monitor = $1"
}

/// Writes `new` over a monitor that [`lock`](super::monitors::lock) gave, and what follows from it: the schedule from the next
/// free slot on where it changed, the status where it was switched off or on, or looks at something else. `now` is unix
/// seconds. Returns the incidents that ended, since nobody watches what they are about any more. An incident of the monitor
/// itself goes on with its new target, and ends once that is found up. Refused where the quota has no room for it.
pub async fn update(
    tx: &Transaction<'_>,
    change: Change,
    old: &Row,
    new: &Monitor,
    by: Attribution,
) -> Result<Vec<Uuid>, Refused> {
    if *new == old.monitor {
        return Ok(Vec::new());
    }
    let same_regions = new.regions() == old.monitor.regions();
    let known = if same_regions { RegionKeys::ever(tx).await? } else { RegionKeys::load(tx, by.at).await? };
    let regions = known.of(new).map_err(Refused::Invalid)?;
    if new.policy() != old.monitor.policy() {
        check_policies(tx, change.org(), new.policy()).await?;
    }
    write(tx, change.org(), old, new, regions.as_deref()).await?;
    change.end(tx, asks_for_more(&old.monitor, new)).await?;
    begin_anew(tx, old, new, by.at).await?;
    // A new target begins a period of its own, so that whoever works on the lane hears of it.
    if new.schedule_differs(&old.monitor) || new.target_differs(&old.monitor) {
        reschedule(tx, &[old.key.0]).await?;
    }
    let Some(closing) = Closing::of(&old.monitor, new) else { return Ok(Vec::new()) };
    Ok(close_incidents(tx, old.key, closing, by).await?)
}

/// What was found of an old target says nothing of the new one, whether that is ever checked or not.
async fn begin_anew(tx: &Transaction<'_>, old: &Row, new: &Monitor, now: i64) -> Result<(), Error> {
    if let Some(status) = next_status(&old.monitor, new) {
        set_status(tx, &[old.key.0], status, now).await?;
    }
    if new.target_differs(&old.monitor) {
        let server = new.server_differs(&old.monitor);
        tx.execute(&tx.prepare_cached(FORGET).await?, &[&old.key.0, &server]).await?;
    }
    Ok(())
}

/// The status an edit leads to; none where it stays.
fn next_status(old: &Monitor, new: &Monitor) -> Option<Status> {
    match (old.enabled(), new.enabled()) {
        (true, false) => Some(Status::Paused),
        (false, true) => Some(Status::Pending),
        (true, true) => new.target_differs(old).then_some(Status::Pending),
        (false, false) => None,
    }
}

/// The field of an edit that makes for more checks.
fn asks_for_more(old: &Monitor, new: &Monitor) -> &'static str {
    if new.interval() != old.interval() {
        "/interval"
    } else if new.regions() == old.regions() {
        "/enabled"
    } else {
        "/regions"
    }
}

async fn write(
    tx: &Transaction<'_>,
    org: OrgId,
    old: &Row,
    new: &Monitor,
    regions: Option<&[i16]>,
) -> Result<(), Error> {
    let Columns { name, url, interval, spec, rules, policy, tags, enabled, .. } = new.columns();
    let statement = tx.prepare_cached(UPDATE).await?;
    tx.execute(
        &statement,
        &[
            &org.0,
            &old.key.0,
            &name,
            &url,
            &interval,
            &regions,
            &spec,
            &tags,
            &enabled,
            &rules,
            &policy.map(|id| id.0),
            &new.target_differs(&old.monitor),
        ],
    )
    .await?;
    Ok(())
}

async fn close_incidents(
    tx: &Transaction<'_>,
    monitor: MonitorKey,
    closing: Closing,
    by: Attribution,
) -> Result<Vec<Uuid>, Error> {
    let ended = incidents::close_about(tx, &[monitor], closing, by).await?;
    Ok(ended.into_iter().map(|(_, id)| id).collect())
}

/// Stops watching; no change where it is paused already.
pub async fn pause(tx: &Transaction<'_>, change: Change, old: &Row, by: Attribution) -> Result<Vec<Uuid>, Refused> {
    update(tx, change, old, &old.monitor.clone().with_enabled(false), by).await
}

/// Watches again; no change where it is not paused. Refused where the quota has no room for it.
pub async fn resume(tx: &Transaction<'_>, change: Change, old: &Row, by: Attribution) -> Result<Vec<Uuid>, Refused> {
    update(tx, change, old, &old.monitor.clone().with_enabled(true), by).await
}

/// Takes a monitor away; its row stays to explain stored results. Returns the incidents that ended
/// with it.
pub async fn delete(tx: &Transaction<'_>, old: &Row, by: Attribution) -> Result<Vec<Uuid>, Error> {
    remove(tx, &[old.key.0], by.at).await?;
    close_incidents(tx, old.key, Closing::Deleted, by).await
}
