//! Waiting for what regions find of a target that is not saved.

use std::collections::HashMap;

use channels::tried::Tried;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, timeout_at},
};
use wire::{EntryId, LiveNotice, MonitorId, Region};

use crate::live::{Live, Told};

/// Events of the past read at once.
const PAGE: usize = 200;

/// Who was asked as one job, and what they said.
#[derive(Debug)]
pub(super) struct Waiting {
    job: MonitorId,
    regions: Vec<Region>,
    found: HashMap<Region, Tried>,
    told: broadcast::Receiver<Told>,
    from: EntryId,
}

impl Waiting {
    /// Hears whatever is said of `job` from now on. The error is that Redis cannot say where now is.
    pub(super) async fn new(live: &Live, job: MonitorId, regions: Vec<Region>) -> Result<Self, wire::Error> {
        // In this order: there is no gap between the two.
        let told = live.listen();
        let from = live.tail().await?;
        Ok(Self { job, regions, found: HashMap::new(), told, from })
    }

    /// Who is asked.
    pub(super) fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// What each said until `until`, or until the process ends.
    pub(super) async fn answers(mut self, live: &Live, until: Instant) -> Vec<(Region, Option<Tried>)> {
        tokio::select! {
            () = self.hear(live, until) => {}
            () = live.tasks.token.cancelled() => {}
        }
        let Self { regions, mut found, .. } = self;
        regions.into_iter().map(|region| (region.clone(), found.remove(&region))).collect()
    }

    async fn hear(&mut self, live: &Live, until: Instant) {
        while self.found.len() < self.regions.len() {
            match timeout_at(until, self.told.recv()).await {
                Ok(Ok(Told::Entry(_, notices))) => self.take(&notices),
                Ok(Ok(Told::Lanes(_))) => {}
                Ok(Ok(Told::Gap(_)) | Err(RecvError::Lagged(_))) => self.look_back(live).await,
                Ok(Err(RecvError::Closed)) | Err(_) => return,
            }
        }
    }

    /// What may have been missed is looked for in the stream itself.
    async fn look_back(&mut self, live: &Live) {
        let mut from = self.from;
        while let Ok(Some(entries)) = live.since(from, PAGE).await {
            for entry in &entries {
                self.take(&entry.notices());
            }
            match entries.last() {
                Some(last) if entries.len() == PAGE && last.id > from => from = last.id,
                _ => return,
            }
        }
    }

    /// Keeps the first answer of each region that was asked.
    fn take(&mut self, notices: &[LiveNotice]) {
        for tried in notices.iter().filter_map(|notice| Tried::heard(notice, self.job)) {
            if self.regions.contains(&tried.region) {
                self.found.entry(tried.region.clone()).or_insert(tried);
            }
        }
    }
}
