//! How far a region's workers are behind.

use std::collections::HashMap;

use redis::{Value, from_redis_value};

use super::{error::Error, link::Line, take::read_entry};
use crate::{
    ids::{EntryId, Region},
    keys::Keys,
};

/// A region's place on the lane's job streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupLag {
    /// When the oldest job nobody took yet was pushed: Redis milliseconds.
    pub oldest_undelivered_ms: Option<u64>,
    /// Jobs taken and not yet reported.
    pub pending: u64,
}

pub(crate) struct Group {
    pub(crate) name: String,
    pending: u64,
    last_delivered: EntryId,
}

/// The lag of each of `regions` over both of its streams. Seconds, not counts: `XINFO`'s `lag` is nil or wrong after
/// trimming, an id's time is not.
pub async fn group_lags(line: &mut Line, keys: &Keys, regions: &[Region]) -> Result<HashMap<Region, GroupLag>, Error> {
    let shared = groups(line, keys.jobs(), regions).await?;
    let mut lags = HashMap::new();
    for region in regions {
        let own_name = keys.region_jobs(region);
        let own = groups(line, &own_name, std::slice::from_ref(region)).await?;
        let mut lag = GroupLag::default();
        for (stream, groups) in [(keys.jobs(), &shared), (&own_name, &own)] {
            let Some(group) = groups.iter().find(|group| group.name == region.as_str()) else { continue };
            lag.pending += group.pending;
            let oldest = oldest_after(line, stream, group.last_delivered).await?;
            lag.oldest_undelivered_ms = [lag.oldest_undelivered_ms, oldest].into_iter().flatten().min();
        }
        lags.insert(region.clone(), lag);
    }
    Ok(lags)
}

async fn oldest_after(line: &mut Line, stream: &str, last: EntryId) -> Result<Option<u64>, Error> {
    let mut command = redis::cmd("XRANGE");
    command.arg(stream).arg(format!("({last}")).arg("+").arg("COUNT").arg(1);
    let entries: Vec<Value> = command.query_async(line.connection()).await?;
    entries.into_iter().next().map(|entry| read_entry(entry).map(|(id, _)| id.ms)).transpose()
}

/// Where a region's group stands on a stream of jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPosition {
    /// Whose group.
    pub region: Region,
    /// On which stream.
    pub stream: String,
    /// The last entry it was given.
    pub at: EntryId,
    /// The last id the stream gave out.
    pub end: EntryId,
}

impl GroupPosition {
    /// Whether it stands beyond the end, so that it would never be given another job. Nothing of ours goes there: somebody
    /// with rights to the stream put it there (`XCLAIM … LASTID`).
    pub fn is_beyond(&self) -> bool {
        self.at > self.end
    }
}

/// Where the groups of `regions` stand, on both of their streams.
pub async fn group_positions(line: &mut Line, keys: &Keys, regions: &[Region]) -> Result<Vec<GroupPosition>, Error> {
    let mut all = positions_on(line, keys.jobs(), regions).await?;
    for region in regions {
        all.extend(positions_on(line, &keys.region_jobs(region), std::slice::from_ref(region)).await?);
    }
    Ok(all)
}

async fn positions_on(line: &mut Line, stream: &str, regions: &[Region]) -> Result<Vec<GroupPosition>, Error> {
    // The groups first: an entry that is added meanwhile only moves the end.
    let groups = groups(line, stream, regions).await?;
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let end = last_id(line, stream).await?;
    let of = |region: &Region| {
        let group = groups.iter().find(|group| group.name == region.as_str())?;
        Some(GroupPosition { region: region.clone(), stream: stream.to_owned(), at: group.last_delivered, end })
    };
    Ok(regions.iter().filter_map(of).collect())
}

/// The last id a stream gave out. <https://redis.io/docs/latest/commands/xinfo-stream/>
async fn last_id(line: &mut Line, stream: &str) -> Result<EntryId, Error> {
    let info: HashMap<String, Value> =
        redis::cmd("XINFO").arg("STREAM").arg(stream).query_async(line.connection()).await?;
    let id = info.get("last-generated-id").and_then(|id| from_redis_value::<String>(id.clone()).ok());
    id.and_then(|id| id.parse().ok()).ok_or(Error::Shape("XINFO STREAM"))
}

/// Has a group go on after `to`. What it was given before is recognised by its key, and what is too old is not started.
/// <https://redis.io/docs/latest/commands/xgroup-setid/>
pub async fn set_group_back(line: &mut Line, group: &GroupPosition, to: EntryId) -> Result<(), Error> {
    let mut command = redis::cmd("XGROUP");
    command.arg("SETID").arg(&group.stream).arg(group.region.as_str()).arg(to.to_string());
    Ok(command.query_async(line.connection()).await?)
}

/// `XINFO GROUPS`, of it the groups asked for and some others: anybody with rights to the stream makes as many as they like,
/// under names of any length. A stream that is not there has none.
/// <https://redis.io/docs/latest/commands/xinfo-groups/>
const GROUPS: &str = "
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err then
  if string.find(groups.err, 'no such key', 1, true) then return {} end
  return groups
end
local wanted, found, others = {}, {}, 0
for _, name in ipairs(ARGV) do wanted[name] = true end
for _, group in ipairs(groups) do
  local of = {}
  for i = 1, #group, 2 do of[group[i]] = group[i + 1] end
  local name = of['name']
  if wanted[name] or (#name <= 63 and others < 1000) then
    if not wanted[name] then others = others + 1 end
    found[#found + 1] = {name, of['pending'], of['last-delivered-id']}
  end
end
return found";

/// The groups of `regions` on a stream, and at most 1,000 others. A name that is no text is no region's.
pub(crate) async fn groups(line: &mut Line, stream: &str, regions: &[Region]) -> Result<Vec<Group>, Error> {
    let mut command = redis::cmd("EVAL_RO");
    command.arg(GROUPS).arg(1).arg(stream);
    for region in regions {
        command.arg(region.as_str());
    }
    let found: Vec<(Vec<u8>, u64, String)> = command.query_async(line.connection()).await?;
    Ok(found.into_iter().filter_map(group_of).collect())
}

fn group_of((name, pending, last): (Vec<u8>, u64, String)) -> Option<Group> {
    Some(Group { name: String::from_utf8(name).ok()?, pending, last_delivered: last.parse().ok()? })
}
