//! Storing what a batch brought, inside the open transaction. What PostgreSQL refuses for its content, whoever wrote it, is
//! found by halves and left out: one entry must not hold up a lane, and every tenant with it.

use std::{collections::HashSet, ops::Range};

use domain::ledger::Accepted;
use store::{Session, outcomes::Stored, workers::Said};

use super::{Failure, Ingester, batch::Batch, warnings::About};

impl Ingester<'_> {
    /// Stores rows and facts. Tells which rows are new; what is refused is out of the batch afterwards.
    pub(super) async fn store(&mut self, batch: &mut Batch) -> Result<Stored, Failure> {
        self.admit_workers(batch).await?;
        match store_of(&self.session, batch, 0..batch.entries.len()).await {
            Err(Failure::Store(why)) if why.is_content() => {
                self.session.back().await?;
                if self.is_news(About::Refused, None) {
                    tracing::warn!(lane = %self.lane, %why, "PostgreSQL refuses a batch: what is wrong is looked for");
                }
                self.store_by_halves(batch).await
            }
            stored => stored,
        }
    }

    async fn store_by_halves(&mut self, batch: &mut Batch) -> Result<Stored, Failure> {
        let mut new = HashSet::new();
        let all: Range<usize> = 0..batch.entries.len();
        let mut parts = Vec::from([all]);
        while let Some(part) = parts.pop() {
            match store_of(&self.session, batch, part.clone()).await {
                Ok(stored) => {
                    let rows = batch.accepted.iter().filter(|accepted| part.contains(&accepted.entry));
                    new.extend(rows.map(Accepted::key).filter(|key| stored.is_new(key)));
                    self.session.keep().await?;
                }
                Err(Failure::Store(why)) if why.is_content() => {
                    self.session.back().await?;
                    match halves(part.clone()) {
                        Some(halves) => parts.extend(halves),
                        None => batch.refuse(part.start, why.to_string()),
                    }
                }
                Err(why) => return Err(why),
            }
        }
        Ok(Stored::Only(new))
    }

    /// Makes room for workers that were not heard before, or leaves out what they say.
    async fn admit_workers(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        let (mut full, mut gone) = (Vec::new(), Vec::new());
        for ((region, worker), (said, _)) in &batch.facts {
            match self.fleet.admit(*region, worker, said.said_ms) {
                Ok(silent) => {
                    gone.extend(silent.map(|name| (*region, name)));
                    self.fleet.hear(*region, &said.facts, said.said_ms);
                }
                Err(_) => full.push((*region, worker.clone())),
            }
        }
        for worker in &full {
            batch.refuse_worker(worker);
        }
        if !gone.is_empty() {
            store::workers::drop_named(&self.session, &gone).await?;
            // Else a batch that begins again would bring them back.
            self.session.keep().await?;
        }
        Ok(())
    }
}

async fn store_of(session: &Session, batch: &Batch, part: Range<usize>) -> Result<Stored, Failure> {
    let said: Vec<&Said> =
        batch.facts.values().filter(|(_, entry)| part.contains(entry)).map(|(said, _)| said).collect();
    let stored = if part == (0..batch.entries.len()) {
        store::outcomes::store(session, &batch.accepted).await?
    } else {
        let rows: Vec<Accepted> =
            batch.accepted.iter().filter(|accepted| part.contains(&accepted.entry)).cloned().collect();
        store::outcomes::store(session, &rows).await?
    };
    if !said.is_empty() {
        store::workers::seen(session, &said).await?;
    }
    Ok(stored)
}

/// The later half first, so that the earlier one is taken off the end first; nothing where there is one left.
fn halves(part: Range<usize>) -> Option<[Range<usize>; 2]> {
    (part.len() > 1).then(|| {
        let middle = part.start + part.len() / 2;
        [middle..part.end, part.start..middle]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_end_at_one() {
        assert_eq!(halves(0..5), Some([2..5, 0..2]));
        assert_eq!(halves(3..5), Some([4..5, 3..4]));
        assert_eq!(halves(4..5), None);
    }
}
