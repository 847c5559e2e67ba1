//! Reading what the regions answer. One reader per lane and no consumer group: it reads, commits elsewhere, then
//! trims; who comes after it reads from the beginning again.

use std::{collections::BTreeMap, time::Duration};

use redis::Value;

use crate::{
    codec::{Payload, Unparsed},
    ids::{EntryId, Region},
    keys::Keys,
    link::{Error, Line},
    take::{Fields, read_entry},
};

/// Dead letters kept at most.
const DEAD_KEPT: usize = 1_000;

/// The last entry read of each region; absent means from the beginning.
pub type Positions = BTreeMap<Region, EntryId>;

/// An entry of a results stream.
#[derive(Debug)]
pub struct ResultEntry {
    /// Whose it is: read off the key, never off the payload.
    pub region: Region,
    /// Its id: the time it was reported.
    pub id: EntryId,
    /// What it says.
    pub payload: Result<Payload, Unparsed>,
    fields: Fields,
}

/// Waits up to `block` for entries after `positions`, at most `count` of each of `regions`.
pub async fn read_results(
    line: &mut Line,
    keys: &Keys,
    regions: &[Region],
    positions: &Positions,
    count: usize,
    block: Duration,
) -> Result<Vec<ResultEntry>, Error> {
    if regions.is_empty() {
        tokio::time::sleep(block).await;
        return Ok(Vec::new());
    }
    line.require_current()?;
    let names: Vec<String> = regions.iter().map(|region| keys.results(region)).collect();
    let mut command = redis::cmd("XREAD");
    command.arg("COUNT").arg(count).arg("BLOCK").arg(block.as_millis() as u64).arg("STREAMS").arg(&names);
    for region in regions {
        command.arg(positions.get(region).copied().unwrap_or_default().to_string());
    }
    let reply: Option<Vec<(String, Vec<Value>)>> = command.query_async(line.connection()).await?;
    let mut read = Vec::new();
    for (name, entries) in reply.into_iter().flatten() {
        let place = names.iter().position(|each| *each == name).ok_or(Error::Shape("XREAD"))?;
        for entry in entries {
            let (id, fields) = read_entry(entry)?;
            let fields = fields.unwrap_or_default();
            let payload = Payload::from_fields(&fields);
            read.push(ResultEntry { region: regions[place].clone(), id, payload, fields });
        }
    }
    Ok(read)
}

/// Drops what was read and committed.
pub async fn trim_results(line: &mut Line, keys: &Keys, positions: &Positions) -> Result<(), Error> {
    let mut pipe = redis::pipe();
    for (region, last) in positions {
        pipe.cmd("XTRIM").arg(keys.results(region)).arg("MINID").arg("=").arg(last.next().to_string()).ignore();
    }
    if pipe.is_empty() { Ok(()) } else { line.run(&pipe).await }
}

/// Puts an entry nobody can read where people can look at it.
pub async fn bury(line: &mut Line, keys: &Keys, entry: &ResultEntry) -> Result<(), Error> {
    let why = entry.payload.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let mut command = redis::cmd("XADD");
    command.arg(keys.dead()).arg("MAXLEN").arg("~").arg(DEAD_KEPT).arg("*");
    command.arg("why").arg(why).arg("region").arg(entry.region.as_str()).arg("entry").arg(entry.id.to_string());
    for (name, value) in &entry.fields {
        command.arg(format!("field:{name}")).arg(value);
    }
    Ok(command.query_async(line.connection()).await?)
}

/// The id of the oldest entry still on the results streams of `regions`: how far control is behind.
pub async fn oldest_result(line: &mut Line, keys: &Keys, regions: &[Region]) -> Result<Option<EntryId>, Error> {
    if regions.is_empty() {
        return Ok(None);
    }
    let mut pipe = redis::pipe();
    for region in regions {
        pipe.cmd("XRANGE").arg(keys.results(region)).arg("-").arg("+").arg("COUNT").arg(1);
    }
    let replies: Vec<Vec<Value>> = line.run(&pipe).await?;
    let ids = replies.into_iter().flatten().map(|entry| read_entry(entry).map(|(id, _)| id));
    Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().min())
}

/// The regions with a group on the lane's shared stream. Groups whose name is no region's are left out.
pub async fn groups_on(line: &mut Line, keys: &Keys) -> Result<Vec<Region>, Error> {
    let groups = crate::lag::groups(line, keys.jobs()).await?;
    Ok(groups.into_iter().filter_map(|group| group.name.parse().ok()).collect())
}
