//! Reading what the regions answer. One reader per lane and no consumer group: it looks, reads, commits elsewhere, then
//! trims; who comes after it reads from the beginning again.
//!
//! Whoever may write to a region's stream is not trusted. It is looked at before it is read, so that no reply is larger than
//! its reader asked for, and an entry's id orders but never dates: ids are the writer's to choose.

use std::collections::BTreeMap;

use redis::Value;

use super::{
    bounds::ENTRY_MAX,
    codec::Payload,
    error::{Error, Unparsed},
    link::Line,
    take::{Fields, read_entry},
};
use crate::{
    ids::{EntryId, Region},
    keys::Keys,
};

/// Dead letters kept at most, and how much of each value.
const DEAD_KEPT: usize = 1_000;
const DEAD_VALUE: usize = 1_024;
const DEAD_FIELDS: usize = 8;
/// Bytes of entries in one reply, of one region: more than an entry may have.
const READ_MAX: usize = 4 * ENTRY_MAX;

/// The last entry read of each region; absent means from the beginning.
pub type Positions = BTreeMap<Region, EntryId>;

/// What waits on a region's results stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Entries.
    pub entries: u64,
    /// Bytes of Redis' memory, about.
    pub bytes: u64,
}

/// An entry of a results stream.
#[derive(Debug)]
pub struct ResultEntry {
    /// Whose it is: read off the key, never off the payload.
    pub region: Region,
    /// Its place in the stream. Its time is what its writer says it is.
    pub id: EntryId,
    /// What it says.
    pub payload: Result<Payload, Unparsed>,
    fields: Fields,
}

/// Redis `TIME` in milliseconds, and what waited at that moment, region by region.
/// <https://redis.io/docs/latest/commands/memory-usage/>
pub async fn look_at_results(line: &mut Line, keys: &Keys, regions: &[Region]) -> Result<(i64, Vec<Backlog>), Error> {
    line.require_current()?;
    let mut pipe = redis::pipe();
    pipe.cmd("TIME");
    for region in regions {
        let key = keys.results(region);
        pipe.cmd("XLEN").arg(&key).cmd("MEMORY").arg("USAGE").arg(&key);
    }
    let replies: Vec<Value> = line.run(&pipe).await?;
    let [time, sizes @ ..] = replies.as_slice() else { return Err(Error::Shape("TIME")) };
    let (seconds, micros): (i64, i64) = redis::from_redis_value(time.clone()).map_err(|_| Error::Shape("TIME"))?;
    let number = |value: &Value| redis::from_redis_value::<Option<u64>>(value.clone()).ok().flatten().unwrap_or(0);
    let backlog = |pair: &[Value]| Backlog { entries: number(&pair[0]), bytes: number(&pair[1]) };
    Ok((seconds * 1000 + micros / 1000, sizes.chunks_exact(2).map(backlog).collect()))
}

/// Reads entries one by one, so that neither their number nor their bytes pass what was asked for: how large the next one is
/// nobody can know before. One that is larger than entries may be answers with its id alone.
/// <https://redis.io/docs/latest/commands/eval_ro/>
const READ: &str = "
local from, entries, budget, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local read = {}
while #read < entries do
  local found = redis.pcall('XRANGE', KEYS[1], from, '+', 'COUNT', 1)
  if found.err and #read == 0 then return found end
  local entry = found[1] -- nothing after the last possible id, which is an error
  if not entry then break end
  local bytes = 0
  for _, part in ipairs(entry[2]) do bytes = bytes + #part end
  if bytes > most then entry, bytes = {entry[1], false}, 0 end
  budget = budget - bytes
  if budget < 0 then break end
  read[#read + 1] = entry
  from = '(' .. entry[1]
end
return read";

/// The entries after `positions`, at most so many of each region, and [`READ_MAX`] bytes of each. It waits for nothing.
pub async fn read_results(
    line: &mut Line,
    keys: &Keys,
    wanted: &[(Region, usize)],
    positions: &Positions,
) -> Result<Vec<ResultEntry>, Error> {
    line.require_current()?;
    let mut pipe = redis::pipe();
    for (region, count) in wanted {
        let from = positions.get(region).map_or_else(|| "-".to_owned(), |last| format!("({last}"));
        pipe.cmd("EVAL_RO").arg(READ).arg(1).arg(keys.results(region));
        pipe.arg(from).arg(*count).arg(READ_MAX).arg(ENTRY_MAX);
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let replies: Vec<Vec<Value>> = line.run(&pipe).await?;
    let of = |((region, _), entries): (&(Region, usize), Vec<Value>)| {
        entries.into_iter().map(|entry| read(region, entry)).collect::<Vec<_>>()
    };
    wanted.iter().zip(replies).flat_map(of).collect()
}

fn read(region: &Region, entry: Value) -> Result<ResultEntry, Error> {
    let (id, fields) = read_entry(entry)?;
    let payload = match &fields {
        Some(fields) => Payload::from_fields(fields),
        None => Err(Unparsed::TooMuch(format!("more than {ENTRY_MAX} bytes"))),
    };
    let fields = fields.unwrap_or_default();
    Ok(ResultEntry { region: region.clone(), id, payload, fields })
}

/// Drops what was read and committed.
pub async fn trim_results(line: &mut Line, keys: &Keys, positions: &Positions) -> Result<(), Error> {
    let mut pipe = redis::pipe();
    for (region, last) in positions {
        pipe.cmd("XTRIM").arg(keys.results(region)).arg("MINID").arg("=").arg(last.next().to_string()).ignore();
    }
    if pipe.is_empty() { Ok(()) } else { line.run(&pipe).await }
}

/// Drops all that waits on a region's stream, and the stream with it: whatever its last id was, the next entry's is Redis'
/// time again. Where somebody wrote the last possible id, nobody could add anything before that.
pub async fn reset_results(line: &mut Line, keys: &Keys, region: &Region) -> Result<(), Error> {
    Ok(redis::cmd("UNLINK").arg(keys.results(region)).query_async(line.connection()).await?)
}

/// Puts entries nobody can read, or nobody could store, where people can look at them, each with the reason: the beginning of
/// each value. All in one message, since whoever waits for the answers holds up a lane.
pub async fn dead_letter(line: &mut Line, keys: &Keys, letters: &[(&ResultEntry, &str)]) -> Result<(), Error> {
    let mut pipe = redis::pipe();
    for (entry, why) in letters {
        pipe.cmd("XADD").arg(keys.dead()).arg("MAXLEN").arg("~").arg(DEAD_KEPT).arg("*");
        pipe.arg("why").arg(why).arg("region").arg(entry.region.as_str()).arg("entry").arg(entry.id.to_string());
        for (name, value) in entry.fields.iter().take(DEAD_FIELDS) {
            let name = &name[..name.floor_char_boundary(DEAD_VALUE / 8)];
            pipe.arg(format!("field:{name}")).arg(&value[..value.len().min(DEAD_VALUE)]);
        }
        pipe.ignore();
    }
    if letters.is_empty() { Ok(()) } else { line.run(&pipe).await }
}

/// The regions with a group on the lane's shared stream, at most 1,000: whoever may read the stream may make groups.
/// Groups whose name is no region's are left out.
pub async fn groups_on(line: &mut Line, keys: &Keys) -> Result<Vec<Region>, Error> {
    let groups = crate::commands::lag::groups(line, keys.jobs(), &[]).await?;
    Ok(groups.into_iter().filter_map(|group| group.name.parse().ok()).collect())
}

/// Of `names`, the regions with something on their results stream, which only who has a region's rights can put there.
pub async fn talking(line: &mut Line, keys: &Keys, names: Vec<Region>) -> Result<Vec<Region>, Error> {
    if names.is_empty() {
        return Ok(names);
    }
    let mut pipe = redis::pipe();
    for name in &names {
        pipe.cmd("EXISTS").arg(keys.results(name));
    }
    let there: Vec<bool> = line.run(&pipe).await?;
    Ok(names.into_iter().zip(there).filter_map(|(name, there)| there.then_some(name)).collect())
}
