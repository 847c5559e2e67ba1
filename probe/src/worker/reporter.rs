//! Reports outcomes: whatever finished within 100 ms, or 512 of it, in one transaction with its acknowledgments. What
//! Redis does not accept is kept and tried again, for ever; its permits stay taken meanwhile, and that alone stops a
//! probe that cannot report from taking more.

use std::sync::Arc;

use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};
use wire::{Done, Error, Facts};

use super::{
    connection::Connection,
    health::Role,
    lane::Lane,
    ledger::{Finished, Ticket},
};

/// Reports until the queue ends, and says every few seconds how this worker is: in order with the outcomes.
pub(crate) async fn report_outcomes(lane: Arc<Lane>, mut queue: Receiver<Finished>) {
    let mut connection = Connection::new(&lane, Role::Reporter);
    let mut facts = interval(lane.shared.config.facts);
    facts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            first = queue.recv() => match first {
                Some(first) => batch.push(first),
                None => return,
            },
            _ = facts.tick() => {
                if let Err(why) = send_facts(&lane, &mut connection).await {
                    connection.recover(&why).await;
                }
                continue;
            }
        }
        fill(&lane, &mut queue, &mut batch).await;
        deliver(&lane, &mut connection, std::mem::take(&mut batch)).await;
    }
}

/// Waits for company, as long and as many as a batch may have.
async fn fill(lane: &Lane, queue: &mut Receiver<Finished>, batch: &mut Vec<Finished>) {
    let config = &lane.shared.config;
    // What waits keeps its permit, so a small worker sends sooner than a large one.
    let (wait, most) = (config.batch.wait, config.batch.max.min(config.concurrency / 8).max(1));
    let end = Instant::now() + wait;
    while batch.len() < most {
        let room = most - batch.len();
        match timeout_at(end, queue.recv_many(batch, room)).await {
            Ok(received) if received > 0 => {}
            _ => return,
        }
    }
}

/// Sends a batch until Redis has it. Before each try the tick is looked at: what overlapped a gap is dropped here, even
/// if the ticker has not woken yet.
async fn deliver(lane: &Lane, connection: &mut Connection, mut batch: Vec<Finished>) {
    loop {
        lane.give_up_void();
        let streams = lane.ledger.still_held(&mut batch);
        let (tickets, done): (Vec<Ticket>, Vec<Done>) = batch.into_iter().unzip();
        if done.is_empty() {
            return;
        }
        match report(lane, connection, &streams, &done).await {
            Ok(()) => {
                connection.works();
                return accepted(lane, &tickets, &done);
            }
            Err(why) => connection.recover(&why).await,
        }
        batch = tickets.into_iter().zip(done).collect();
    }
}

async fn report(lane: &Lane, connection: &mut Connection, streams: &wire::Streams, done: &[Done]) -> Result<(), Error> {
    wire::report(connection.line().await?, streams, &lane.shared.config.worker_id, done).await
}

fn accepted(lane: &Lane, tickets: &[Ticket], done: &[Done]) {
    lane.ledger.release(tickets.iter().copied());
    let metrics = &lane.shared.metrics;
    metrics.batch_outcomes.observe(done.len() as f64);
    for (ticket, done) in tickets.iter().zip(done) {
        if let Some(outcome) = &done.outcome {
            metrics.accepted(ticket.kind, outcome);
        }
    }
}

async fn send_facts(lane: &Lane, connection: &mut Connection) -> Result<(), Error> {
    let (config, metrics) = (&lane.shared.config, &lane.shared.metrics);
    let facts = Facts {
        worker: config.worker_id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        in_flight: u32::try_from(metrics.inflight.get()).unwrap_or(0),
        limit: u32::try_from(config.concurrency).unwrap_or(u32::MAX),
        queue_age_ms: (metrics.queue_age.get() * 1000.0) as u64,
        clock_offset_ms: lane.clock.wall_offset_ms(),
        diagnosis: lane.diagnosis(),
    };
    wire::send_facts(connection.line().await?, &lane.ledger.streams(), &facts).await?;
    connection.works();
    Ok(())
}
