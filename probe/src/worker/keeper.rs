//! Keeps leases: renews what this worker holds, then takes over what lapsed, from everybody, itself included.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_util::sync::CancellationToken;
use wire::Error;

use super::{connection::Connection, dispatch::Dispatch, health::Role, lane::Lane};

/// Jobs claimed in one go: more would hold up other clients of Redis.
const MOST_AT_ONCE: usize = 1_000;

/// Looks at the pending list in one round: a call looks at ten times as many entries as it may claim.
const MOST_LOOKS: usize = 32;

/// A round every `renew`, for ever; from `stop` on it claims nothing more, but still renews what is being finished.
pub(crate) async fn keep_leases(lane: Arc<Lane>, dispatch: Dispatch, stop: CancellationToken) {
    let mut connection = Connection::new(&lane, Role::Keeper);
    let mut claimer = Some(Claimer { lane: Arc::clone(&lane), dispatch, cursors: Vec::new() });
    let mut rounds = interval(lane.shared.config.renew);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            // With the claimer goes its end of the reporter's queue.
            () = stop.cancelled(), if claimer.is_some() => { claimer = None; continue }
        }
        match round(&lane, &mut connection, claimer.as_mut(), &stop).await {
            Ok(()) => connection.works(),
            Err(why) => connection.recover(&why).await,
        }
    }
}

/// After a reconnect leases are only renewed: while Redis was away everybody's looked lapsed, and each holder needs a
/// round to say that it is still there.
async fn round(
    lane: &Lane,
    connection: &mut Connection,
    claimer: Option<&mut Claimer>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let connected_before = connection.is_open();
    let line = connection.line().await?;
    lane.clock.observe(line.time_ms().await?);
    lane.note_clock();
    lane.give_up_void();
    let config = &lane.shared.config;
    if let Some(then) = Instant::now().checked_sub(config.renew) {
        let (streams, held) = lane.ledger.held_since(then.into_std());
        wire::renew(line, &streams, &config.worker_id, held).await?;
    }
    match claimer.filter(|_| connected_before && !stop.is_cancelled()) {
        Some(claimer) => claimer.claim(line).await,
        None => Ok(()),
    }
}

/// Takes over lapsed jobs, from where it stopped looking the last time.
struct Claimer {
    lane: Arc<Lane>,
    dispatch: Dispatch,
    cursors: Vec<String>,
}

impl Claimer {
    /// Looks through the pending lists once, or as far as permits go. When all are taken it waits for one, to get its
    /// turn among the reads, but not so long that the next renewal is late.
    async fn claim(&mut self, line: &mut wire::Line) -> Result<(), Error> {
        let end = Instant::now() + self.lane.shared.config.renew / 2;
        for _ in 0..MOST_LOOKS {
            let permits = timeout_at(end, self.lane.permits(1, MOST_AT_ONCE)).await;
            let Ok(Some(mut permits)) = permits else { break };
            let streams = self.lane.ledger.streams();
            let config = &self.lane.shared.config;
            let free = permits.num_permits();
            let claimed = wire::claim(line, &streams, &config.worker_id, config.lease, &mut self.cursors, free).await?;
            for each in claimed {
                let Some(permit) = permits.split(1) else { break };
                if self.dispatch.start(&streams, each.delivery, each.times, permit) {
                    self.lane.shared.metrics.jobs_claimed.inc();
                }
            }
            if self.cursors.iter().all(|cursor| cursor == "0-0") {
                break;
            }
        }
        Ok(())
    }
}
