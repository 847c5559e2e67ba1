//! Taking jobs: a region's groups on its two streams, and one blocking read over both.

use std::{collections::HashMap, time::Duration};

use redis::{RedisError, Value, aio::ConnectionLike};

use super::{
    error::Error,
    job::{Job, JobFields, MalformedJob},
    link::Line,
};
use crate::{
    ids::{EntryId, Region},
    keys::Keys,
};

/// The streams a region's workers read, write and acknowledge on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streams {
    /// The group: the region's name.
    pub(crate) group: String,
    /// Streams of jobs: the region's own, and first the shared one, unless the region is isolated from it.
    pub(crate) jobs: Vec<String>,
    /// Where outcomes go.
    pub(crate) results: String,
    /// Whether the ACL keeps this region off the shared stream.
    pub isolated: bool,
}

impl Streams {
    /// How many streams one read covers. `COUNT` is per stream, so take at least as many permits.
    pub fn count(&self) -> usize {
        self.jobs.len()
    }
}

/// What a worker holds a job by: the stream it is pending on, and its entry there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    pub(crate) stream: usize,
    /// The job's entry.
    pub entry: EntryId,
}

/// A job as it was handed out, or taken over.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What it is held by.
    pub lease: Lease,
    /// What it says.
    pub job: Result<Job, MalformedJob>,
}

/// What one read brought.
#[derive(Debug, Default)]
pub struct Taken {
    /// Jobs, now pending on the worker that asked.
    pub deliveries: Vec<Delivery>,
}

/// Joins `region`'s group on both streams of the lane, creating what is absent. No permission on the shared stream
/// means the region is isolated: it gets all its jobs through its own.
pub async fn ensure_groups(line: &mut Line, keys: &Keys, region: &Region) -> Result<Streams, Error> {
    let own = keys.region_jobs(region);
    line.create_group(&own, region.as_str()).await?;
    let isolated = match line.create_group(keys.jobs(), region.as_str()).await {
        Err(why) if why.is_no_permission() => true,
        other => other.map(|()| false)?,
    };
    let jobs = if isolated { vec![own] } else { vec![keys.jobs().to_owned(), own] };
    Ok(Streams { group: region.as_str().to_owned(), jobs, results: keys.results(region), isolated })
}

/// Waits up to `block` for jobs and takes at most `permits` of them, in one `XREADGROUP`.
/// <https://redis.io/docs/latest/commands/xreadgroup/>
pub async fn take(
    line: &mut Line,
    streams: &Streams,
    worker: &str,
    permits: usize,
    block: Duration,
) -> Result<Taken, Error> {
    line.require_current()?;
    let count = (permits / streams.count()).max(1);
    let mut command = redis::cmd("XREADGROUP");
    command.arg("GROUP").arg(&streams.group).arg(worker).arg("COUNT").arg(count);
    command.arg("BLOCK").arg(block.as_millis() as u64).arg("STREAMS").arg(&streams.jobs);
    command.arg(vec![">"; streams.count()]);
    // The client's own conversion looks for errors inside a reply too, value by value; here only a whole reply is one.
    let reply = match line.connection().req_packed_command(&command).await? {
        Value::ServerError(why) => return Err(RedisError::from(why).into()),
        reply => redis::from_redis_value::<Option<Vec<(String, Vec<Value>)>>>(reply).map_err(RedisError::from)?,
    };
    let mut taken = Taken::default();
    for (name, entries) in reply.into_iter().flatten() {
        let stream = streams.jobs.iter().position(|each| *each == name).ok_or(Error::Shape("XREADGROUP"))?;
        for entry in entries {
            taken.deliveries.extend(delivery(stream, entry)?);
        }
    }
    Ok(taken)
}

/// Nothing where the entry was trimmed while it was pending: its fields are nil.
pub(crate) fn delivery(stream: usize, entry: Value) -> Result<Option<Delivery>, Error> {
    let (entry, fields) = split(entry)?;
    let job = |fields| Job::from_fields(entry, &pairs(fields).collect::<JobFields>());
    Ok(fields.map(|fields| Delivery { lease: Lease { stream, entry }, job: job(fields) }))
}

/// A stream entry's field values by name.
pub(crate) type Fields = HashMap<String, Vec<u8>>;

/// Reads `[id, [field, value, …]]`; fields that are not UTF-8 get replacement characters and so no known name.
pub(crate) fn read_entry(entry: Value) -> Result<(EntryId, Option<Fields>), Error> {
    let (id, fields) = split(entry)?;
    let named = |(name, value): (Vec<u8>, _)| (String::from_utf8_lossy(&name).into_owned(), value);
    Ok((id, fields.map(|fields| pairs(fields).map(named).collect())))
}

/// An entry's id and its names and values; without these where it was deleted meanwhile.
pub(crate) fn split(entry: Value) -> Result<(EntryId, Option<Vec<Value>>), Error> {
    const SHAPE: Error = Error::Shape("a stream entry");
    let Value::Array(parts) = entry else { return Err(SHAPE) };
    let [Value::BulkString(id), fields] = <[Value; 2]>::try_from(parts).map_err(|_| SHAPE)? else {
        return Err(SHAPE);
    };
    let id = std::str::from_utf8(&id).ok().and_then(|id| id.parse().ok()).ok_or(SHAPE)?;
    let Value::Array(fields) = fields else { return Ok((id, None)) };
    Ok((id, Some(fields)))
}

/// Names and values in order; it ends at what is neither.
pub(crate) fn pairs(fields: Vec<Value>) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let mut fields = fields.into_iter();
    std::iter::from_fn(move || match (fields.next()?, fields.next()?) {
        (Value::BulkString(name), Value::BulkString(value)) => Some((name, value)),
        _ => None,
    })
}
