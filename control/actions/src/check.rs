//! Checks on request: jobs put straight on the streams of the regions a monitor is checked from.
//!
//! They count for no uptime. Two of one target in one second have one key, so they are stored as one.

use std::time::Duration;

use domain::{
    ids::OrgId,
    schedule::{chosen, owing},
};
use store::{GenericClient, monitors::Row, regions_list};
use url::Url;
use wire::{ATTEMPT_REQUEST, Entry, Keys, MonitorId, Region, Target, push_one};

use crate::{Actions, Error, budget};

/// Redis has this long to take the jobs.
const PATIENCE: Duration = Duration::from_secs(1);

/// What regions are asked to look at once.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Which monitor.
    pub id: MonitorId,
    /// What is checked.
    pub url: &'a str,
    /// How, where that is not all defaults.
    pub spec: Option<&'a str>,
    /// Which revision of the target that is.
    pub rev: u32,
    /// Now.
    pub slot: i64,
    /// Later nobody needs to look.
    pub until: i64,
}

impl<'a> Request<'a> {
    /// The job of a region.
    pub fn to(self, region: &'a Region) -> Entry<'a> {
        let Self { id, url, spec, rev, slot, until } = self;
        Entry { target: Target::Region(region), id, url, slot, until, attempt: ATTEMPT_REQUEST, spec, rev }
    }
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The results' slot: this second.
    pub slot: i64,
    /// Who was asked.
    pub regions: Vec<Region>,
}

/// Who asks, and why.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// Somebody pressed the button.
    Button(OrgId),
    /// It follows from a change of the monitor.
    Change(OrgId),
}

/// Asks each region of the monitor that is in force now, as far as the budgets allow.
pub async fn ask(actions: &Actions, db: &impl GenericClient, row: &Row, by: By) -> Result<Asked, Error> {
    let now_ms = actions.clock.now_ms();
    let slot = now_ms.div_euclid(1000);
    let all = regions_list::all(db).await?;
    let chosen = chosen(row.monitor.regions(), &all);
    let regions: Vec<Region> = owing(&all, chosen.as_deref(), slot).map(|known| known.region.clone()).collect();
    if !regions.is_empty() {
        let (org, button) = match by {
            By::Button(org) => (org, Some(row.id)),
            By::Change(org) => (org, None),
        };
        let host = host(row.monitor.url().url());
        actions.budgets.request(budget::Request { org, button, host, regions: regions.len() }).await?;
    }
    push(actions, row, slot, &regions).await?;
    Ok(Asked { slot, regions })
}

/// Asks as well as it can: the schedule will see to the monitor in any case.
pub async fn request(actions: &Actions, db: &impl GenericClient, row: &Row, org: OrgId) {
    match ask(actions, db, row, By::Change(org)).await {
        Ok(_) => {}
        Err(Error::Spent(short)) => {
            tracing::debug!(monitor = %row.id, why = %short.budget, "no first check at once: it comes with the schedule");
        }
        Err(why) => {
            tracing::warn!(monitor = %row.id, ?why, "could not ask for a first check at once: it comes with the schedule");
        }
    }
}

/// Whom a check of `url` bothers.
pub fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

async fn push(actions: &Actions, row: &Row, slot: i64, regions: &[Region]) -> Result<(), Error> {
    let keys = usize::try_from(row.lane.0).ok().and_then(|lane| actions.lanes.get(lane));
    let keys =
        keys.ok_or_else(|| Error::Internal(format!("monitor {} is in lane {}, which is not known", row.id, row.lane)))?;
    if regions.is_empty() {
        return Ok(());
    }
    let (url, spec) = (row.monitor.url().to_string(), row.monitor.spec_text());
    let request =
        Request { id: row.id, url: &url, spec: spec.as_deref(), rev: row.rev, slot, until: until(actions, slot) };
    let entries: Vec<_> = regions.iter().map(|region| request.to(region)).collect();
    send(actions, keys, &entries).await
}

/// Until when a check of `slot` is of use.
pub fn until(actions: &Actions, slot: i64) -> i64 {
    slot + actions.config.times.late.as_secs() as i64
}

/// Puts jobs on their streams, soon or not at all.
pub async fn send(actions: &Actions, keys: &Keys, entries: &[Entry<'_>]) -> Result<(), Error> {
    let min_id_ms = actions.clock.now_ms() - actions.config.times.trim.as_millis() as i64;
    let pushed = async { push_one(&mut actions.link.short().await?, keys, entries, min_id_ms).await };
    match tokio::time::timeout(PATIENCE, pushed).await {
        Ok(pushed) => Ok(pushed?),
        Err(_) => Err(Error::Busy(format!("redis took no job within {} s", PATIENCE.as_secs()))),
    }
}
