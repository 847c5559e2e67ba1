//! A pending job is a lease. Workers renew what they hold and claim what lapsed, from everybody, themselves included:
//! one rule for killed workers, lost replies, rolled-back servers and pauses.

use std::{collections::HashMap, time::Duration};

use redis::Value;

use super::{
    error::Error,
    link::Line,
    take::{Delivery, Lease, Streams, delivery},
};
use crate::ids::EntryId;

/// Ids a renewal carries at most: a longer command would hold up other clients.
const CHUNK: usize = 500;

/// A job taken over from a lapsed lease.
#[derive(Debug)]
pub struct Claimed {
    /// The job.
    pub delivery: Delivery,
    /// How often it was handed out, this time included.
    pub times: u64,
}

/// Renews the leases of `held` (`XCLAIM … JUSTID` on oneself): the idle time starts again, the delivery count stays,
/// and ids acknowledged meanwhile are ignored. <https://redis.io/docs/latest/commands/xclaim/>
pub async fn renew(
    line: &mut Line,
    streams: &Streams,
    worker: &str,
    held: impl IntoIterator<Item = Lease>,
) -> Result<(), Error> {
    let mut by_stream: HashMap<usize, Vec<EntryId>> = HashMap::new();
    for each in held {
        by_stream.entry(each.stream).or_default().push(each.entry);
    }
    let mut pipe = redis::pipe();
    for (stream, ids) in &by_stream {
        for chunk in ids.chunks(CHUNK) {
            pipe.cmd("XCLAIM").arg(&streams.jobs[*stream]).arg(&streams.group).arg(worker).arg(0);
            pipe.arg(chunk.iter().map(ToString::to_string).collect::<Vec<_>>());
            pipe.arg("JUSTID").ignore();
        }
    }
    if pipe.is_empty() { Ok(()) } else { line.run(&pipe).await }
}

/// Takes over at most `permits` jobs of one stream whose lease of `lease` lapsed, looking on from `cursor`.
/// Returns the next cursor. <https://redis.io/docs/latest/commands/xautoclaim/>
async fn claim_from(
    line: &mut Line,
    streams: &Streams,
    stream: usize,
    worker: &str,
    (lease, cursor, permits): (Duration, &str, usize),
) -> Result<(String, Vec<Delivery>), Error> {
    let mut command = redis::cmd("XAUTOCLAIM");
    command.arg(&streams.jobs[stream]).arg(&streams.group).arg(worker).arg(lease.as_millis() as u64);
    command.arg(cursor).arg("COUNT").arg(permits);
    let (next, entries, _trimmed): (String, Vec<Value>, Value) = command.query_async(line.connection()).await?;
    let deliveries = entries.into_iter().filter(|each| *each != Value::Nil).map(|each| delivery(stream, each));
    Ok((next, deliveries.filter_map(Result::transpose).collect::<Result<_, _>>()?))
}

/// Takes over at most `permits` lapsed jobs, from each stream where its cursor stands. `cursors` starts empty and
/// carries each stream's place from call to call, since one call looks at ten times its `COUNT` only.
pub async fn claim(
    line: &mut Line,
    streams: &Streams,
    worker: &str,
    lease: Duration,
    cursors: &mut Vec<String>,
    permits: usize,
) -> Result<Vec<Claimed>, Error> {
    cursors.resize(streams.count(), "0-0".to_owned());
    let mut claimed = Vec::new();
    for (stream, cursor) in cursors.iter_mut().enumerate() {
        let free = permits - claimed.len();
        if free == 0 {
            break;
        }
        let (next, deliveries) = claim_from(line, streams, stream, worker, (lease, cursor, free)).await?;
        *cursor = next;
        claimed.extend(with_times(line, streams, deliveries).await?);
    }
    Ok(claimed)
}

/// `XAUTOCLAIM` counts a delivery but does not say the count; `XPENDING` does.
async fn with_times(line: &mut Line, streams: &Streams, deliveries: Vec<Delivery>) -> Result<Vec<Claimed>, Error> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let mut pipe = redis::pipe();
    for each in &deliveries {
        let id = each.lease.entry.to_string();
        pipe.cmd("XPENDING").arg(&streams.jobs[each.lease.stream]).arg(&streams.group).arg(&id).arg(&id).arg(1);
    }
    let pending: Vec<Vec<(String, String, u64, u64)>> = line.run(&pipe).await?;
    let times = pending.iter().map(|found| found.first().map_or(1, |(_, _, _, times)| *times));
    Ok(deliveries.into_iter().zip(times).map(|(delivery, times)| Claimed { delivery, times }).collect())
}
