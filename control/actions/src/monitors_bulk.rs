//! The same done to many monitors at once, all in one transaction: their lanes stand still meanwhile, so about a thousand are
//! the most.

use std::collections::{HashMap, HashSet};

use channels::live::Notice;
use domain::{
    actor::{Actor, Attribution},
    event::{Event, OfIncident},
    ids::OrgId,
    keys::{Lane, MonitorKey},
    monitor::Monitor,
    schedule::owing,
};
use store::{
    Transaction, monitors,
    monitors_bulk::{self, Ended, Locked},
    quota::Change,
    schedule::{self, DueMonitor},
};
use uuid::Uuid;
use wire::MonitorId;

use crate::{
    Actions, Error,
    budget::{self, Budget},
    check::{self, Request},
};

/// Tags of a monitor.
pub const TAGS: usize = 20;
/// Notices of one entry, and jobs of one transaction of Redis.
const CHUNK: usize = 250;

/// What is done.
#[derive(Clone, Debug)]
pub enum Action {
    /// Resume (true) or pause.
    Switch(bool),
    /// Remove.
    Delete,
    /// Give tags and take some away.
    Tag {
        /// Given.
        add: Vec<String>,
        /// Taken away first.
        remove: Vec<String>,
    },
}

/// Makes monitors, all of them or none. Each is checked at once, as far as budgets go.
pub async fn create(actions: &Actions, org: OrgId, monitors: Vec<Monitor>) -> Result<Vec<MonitorId>, Error> {
    let new: Vec<_> = monitors.into_iter().map(|monitor| (MonitorId(Uuid::now_v7()), monitor)).collect();
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let limits = actions.config.quota.limits();
    let made = monitors::create(&tx, org, &new, actions.lanes.len(), actions.clock.now(), limits).await?;
    tx.commit().await?;
    drop(db);
    let ids: Vec<_> = new.iter().map(|(id, _)| *id).collect();
    publish(actions, org, ids.iter().map(|id| Event::MonitorChanged { monitor: *id })).await;
    request_checks(actions, org, &made).await;
    Ok(ids)
}

/// Does it to each of `ids`. Tells for each, in their order, why it was not done; the others are changed all the same.
pub async fn change(
    actions: &Actions,
    org: OrgId,
    who: Actor,
    action: &Action,
    ids: Vec<MonitorId>,
) -> Result<Vec<(MonitorId, Option<String>)>, Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, org, actions.config.quota.limits()).await?;
    let locked = monitors_bulk::lock(&tx, &change, &ids).await?;
    let done = carry_out(&tx, action, &locked, actions.by(who)).await?;
    change.end(&tx, "/action").await?;
    tx.commit().await?;
    drop(db);
    tell(actions, org, action, &done).await;
    if matches!(action, Action::Switch(true)) {
        let changed: Vec<_> = done.changed.iter().map(|monitor| (monitor.key, monitor.lane)).collect();
        request_checks(actions, org, &changed).await;
    }
    let known: HashMap<_, _> = locked.iter().map(|monitor| (monitor.id, done.refused.get(&monitor.key))).collect();
    let detail = |id| match known.get(&id) {
        Some(refused) => refused.cloned(),
        None => Some("not found".to_owned()),
    };
    Ok(ids.into_iter().map(|id| (id, detail(id))).collect())
}

/// What a transaction did.
#[derive(Default)]
struct Done<'l> {
    changed: Vec<&'l Locked>,
    ended: Vec<Ended>,
    refused: HashMap<MonitorKey, String>,
}

async fn carry_out<'l>(
    tx: &Transaction<'_>,
    action: &Action,
    locked: &'l [Locked],
    by: Attribution,
) -> Result<Done<'l>, Error> {
    let mut done = Done::default();
    match action {
        Action::Switch(on) => {
            done.changed = locked.iter().filter(|monitor| monitor.enabled != *on).collect();
            done.ended = monitors_bulk::switch(tx, &done.changed, *on, by).await?;
        }
        Action::Delete => {
            done.changed = locked.iter().collect();
            done.ended = monitors_bulk::delete(tx, &done.changed, by).await?;
        }
        Action::Tag { add, remove } => {
            let mut rows = Vec::new();
            for monitor in locked {
                let tags = retagged(&monitor.tags, add, remove);
                if tags.len() > TAGS {
                    let why = format!("would have {} tags: at most {TAGS} are possible", tags.len());
                    done.refused.insert(monitor.key, why);
                } else if tags != monitor.tags {
                    rows.push((monitor.key, tags));
                    done.changed.push(monitor);
                }
            }
            monitors_bulk::retag(tx, &rows).await?;
        }
    }
    Ok(done)
}

fn retagged(tags: &[String], add: &[String], remove: &[String]) -> Vec<String> {
    let kept = tags.iter().filter(|tag| !remove.contains(tag));
    let mut new: Vec<String> = kept.cloned().collect();
    for tag in add {
        if !new.contains(tag) {
            new.push(tag.clone());
        }
    }
    new
}

/// Tells dashboards what was committed.
async fn tell(actions: &Actions, org: OrgId, action: &Action, done: &Done<'_>) {
    let event = |monitor| match action {
        Action::Delete => Event::MonitorDeleted { monitor },
        Action::Switch(_) | Action::Tag { .. } => Event::MonitorChanged { monitor },
    };
    let changed = done.changed.iter().map(|monitor| event(monitor.id));
    let over = done.ended.iter().map(|(incident, monitor)| OfIncident::Resolved.event(*incident, Some(*monitor)));
    publish(actions, org, changed.chain(over)).await;
}

async fn publish(actions: &Actions, org: OrgId, events: impl Iterator<Item = Event>) {
    let notices: Vec<_> = events.map(|event| Notice::of(org, event)).collect();
    for chunk in notices.chunks(CHUNK) {
        actions.publisher.publish(chunk).await;
    }
}

/// Checks what is watched from now on at once, as well as it can: the schedule will see to it in any case.
async fn request_checks(actions: &Actions, org: OrgId, monitors: &[(MonitorKey, Lane)]) {
    if let Err(why) = push(actions, org, monitors).await {
        tracing::warn!(
            ?why,
            monitors = monitors.len(),
            "could not ask for first checks at once: they come with the schedule"
        );
    }
}

async fn push(actions: &Actions, org: OrgId, monitors: &[(MonitorKey, Lane)]) -> Result<(), Error> {
    let keys: Vec<MonitorKey> = monitors.iter().map(|(key, _)| *key).collect();
    let lanes: HashMap<MonitorKey, Lane> = monitors.iter().copied().collect();
    let (targets, regions) = (schedule::targets(&actions.db, &keys).await?, schedule::regions(&actions.db).await?);
    let slot = actions.clock.now();
    let until = check::until(actions, slot);
    let looks = |target: &DueMonitor| owing(&regions, target.regions.as_deref(), slot).count();
    let affordable = affordable(actions, org, &targets, looks).await;
    for (number, of_lane) in actions.lanes.iter().enumerate() {
        let here =
            affordable.iter().filter(|it| lanes.get(&it.key).is_some_and(|lane| usize::try_from(lane.0) == Ok(number)));
        let jobs = here.flat_map(|target| {
            let request =
                Request { id: target.id, url: &target.url, spec: target.spec.as_deref(), rev: target.rev, slot, until };
            owing(&regions, target.regions.as_deref(), slot).map(move |known| request.to(&known.region))
        });
        for chunk in jobs.collect::<Vec<_>>().chunks(CHUNK) {
            check::send(actions, of_lane, chunk).await?;
        }
    }
    Ok(())
}

/// Those that the budgets allow to be checked at once: a thousand monitors may all be of one host.
async fn affordable<'t>(
    actions: &Actions,
    org: OrgId,
    targets: &'t [DueMonitor],
    looks: impl Fn(&DueMonitor) -> usize,
) -> Vec<&'t DueMonitor> {
    let mut affordable = Vec::new();
    let mut spared = HashSet::new();
    for target in targets {
        let Ok(url) = target.url.parse::<url::Url>() else { continue };
        let host = check::host(&url);
        let regions = looks(target);
        if regions == 0 || spared.contains(host) {
            continue;
        }
        match actions.budgets.request(budget::Request { org, button: None, host, regions }).await {
            Ok(()) => affordable.push(target),
            Err(short) if short.budget == Budget::Host => drop(spared.insert(host.to_owned())),
            Err(_) => break,
        }
    }
    affordable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn tags_come_and_go() {
        let old = ["a".to_owned(), "b".to_owned()];
        assert_eq!(retagged(&old, &tags(&["c", "a", "c"]), &tags(&["b"])), ["a", "c"]);
        assert_eq!(retagged(&old, &tags(&["b"]), &tags(&["b"])), ["a", "b"]);
        assert_eq!(retagged(&old, &[], &[]), old);
    }
}
