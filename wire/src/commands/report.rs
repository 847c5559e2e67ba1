//! Handing outcomes back: one transaction puts them on the results stream and acknowledges their jobs. Both or neither.

use redis::{Pipeline, Value};

use super::{
    codec::{VERSION, encode_batches, encode_facts},
    error::Error,
    link::Line,
    take::{Lease, Streams},
};
use crate::{facts::Facts, outcome::Outcome};

/// A job that is over: with an outcome, or without where its entry was no job at all.
#[derive(Debug)]
pub struct Done {
    /// What it was held by.
    pub lease: Lease,
    /// What to say of it.
    pub outcome: Option<Outcome>,
}

/// Reports and acknowledges `done` in one `MULTI`.
pub async fn report(line: &mut Line, streams: &Streams, worker: &str, done: &[Done]) -> Result<(), Error> {
    let mut pipe = Pipeline::new();
    pipe.atomic();
    for batch in encode_batches(worker, done.iter().filter_map(|each| each.outcome.as_ref())) {
        add(&mut pipe, streams, "o", batch);
    }
    for (stream, name) in streams.jobs.iter().enumerate() {
        let here = done.iter().filter(|each| each.lease.stream == stream);
        let ids: Vec<_> = here.map(|each| each.lease.entry.to_string()).collect();
        if !ids.is_empty() {
            pipe.cmd("XACK").arg(name).arg(&streams.group).arg(ids);
        }
    }
    if pipe.is_empty() {
        return Ok(());
    }
    let _: Vec<Value> = line.run(&pipe).await?;
    Ok(())
}

/// Says how this worker is.
pub async fn send_facts(line: &mut Line, streams: &Streams, facts: &Facts) -> Result<(), Error> {
    let mut pipe = Pipeline::new();
    add(&mut pipe, streams, "f", encode_facts(facts));
    line.run(&pipe).await.map(|_: Vec<Value>| ())
}

fn add(pipe: &mut Pipeline, streams: &Streams, field: &str, bytes: Vec<u8>) {
    pipe.cmd("XADD").arg(&streams.results).arg("*").arg("v").arg(VERSION).arg(field).arg(bytes);
}
