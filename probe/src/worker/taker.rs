//! Takes jobs: permits first, then one blocking read of at most as many, then the rest of the permits back. So the
//! queue stays in Redis, where it can be seen.

use std::{sync::Arc, time::Duration};

use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tokio_util::sync::CancellationToken;
use wire::{Error, Streams, Taken};

use super::{connection::Connection, dispatch::Dispatch, health::Role, lane::Lane};

/// Jobs asked for in one read: a longer reply would hold up other clients of Redis.
const MOST_AT_ONCE: usize = 1_000;

/// A blocking read has no response timeout; one this much overdue is on a connection that died without a word.
const OVERDUE: Duration = Duration::from_secs(5);

/// Reads until `stop`. A read is finished, never cancelled: what it brings would wait until its lease lapses.
pub(crate) async fn take_jobs(lane: Arc<Lane>, dispatch: Dispatch, stop: CancellationToken) {
    let mut connection = Connection::new(&lane, Role::Taker);
    while !stop.is_cancelled() {
        let streams = lane.ledger.streams();
        let permits = stop.run_until_cancelled(lane.permits(streams.count(), MOST_AT_ONCE)).await;
        let Some(Some(permits)) = permits else { return };
        let limit = lane.shared.config.block + OVERDUE;
        match timeout(limit, read(&lane, &mut connection, &streams, permits.num_permits())).await {
            Ok(Ok(taken)) => {
                connection.works();
                lane.note_queue_age(&taken);
                hand_out(&dispatch, &streams, taken, permits);
            }
            Ok(Err(why)) => {
                drop(permits);
                connection.recover(&why).await;
            }
            Err(_) => connection.hang_up("no answer to a read long overdue"),
        }
    }
}

async fn read(lane: &Lane, connection: &mut Connection, streams: &Streams, permits: usize) -> Result<Taken, Error> {
    let config = &lane.shared.config;
    wire::take(connection.line().await?, streams, &config.worker_id, permits, config.block).await
}

/// One permit to each job. A job without one would be one more than was asked for: its lease lapses.
fn hand_out(dispatch: &Dispatch, streams: &Arc<Streams>, taken: Taken, mut permits: OwnedSemaphorePermit) {
    for delivery in taken.deliveries {
        let Some(permit) = permits.split(1) else { return };
        dispatch.start(streams, delivery, 1, permit);
    }
}

impl Lane {
    /// How long the oldest of these jobs was queued; no time at all where nothing was.
    fn note_queue_age(&self, taken: &Taken) {
        let oldest = taken.deliveries.iter().map(|each| each.lease.entry.ms).min();
        let age_ms = oldest.map_or(0, |ms| self.clock.now_ms().saturating_sub(ms as i64).max(0));
        self.shared.metrics.queue_age.set(age_ms as f64 / 1000.0);
    }
}
