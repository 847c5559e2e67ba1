//! What dashboards are told as it happens: one capped stream for all lanes, read by every control replica without a
//! group. Its entry ids are the ids of server-sent events, the same on every replica.
//!
//! An entry carries notices in order, each a field: its name is `<event>:<organisation>` (`*` for everybody), its value
//! the event's data, which nobody here looks into.

use std::time::Duration;

use redis::Value;
use uuid::Uuid;

use super::{
    error::Error,
    link::Line,
    take::{pairs, split},
};
use crate::{ids::EntryId, keys::Keys};

/// Entries kept at most, about.
const KEPT: usize = 10_000;
/// An entry of more bytes than this makes room by age as well: 10,000 of them would be a lot of memory.
const LARGE: usize = 4 * 1024;
/// How long entries are kept beside large ones, milliseconds: longer than a client takes to come back.
const KEPT_MS: u64 = 120_000;
/// How long a look counts.
const WATCHED_S: u64 = 30;

/// One event for the people of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveNotice {
    /// Whose; absent for everybody.
    pub organisation: Option<Uuid>,
    /// Its name, such as `status`: no colon.
    pub event: String,
    /// Its data: JSON on one line.
    pub data: String,
}

/// What was published together.
#[derive(Clone, Debug)]
pub struct LiveEntry {
    /// Orders all of them.
    pub id: EntryId,
    fields: Vec<Value>,
}

impl LiveEntry {
    /// Its notices, in order. What is none is left out; of one entry it is always the same ones.
    pub fn notices(&self) -> Vec<LiveNotice> {
        pairs(self.fields.clone()).filter_map(|(name, data)| notice(name, data)).collect()
    }
}

/// Publishes `notices` as one entry and returns its id; no notices are no entry.
pub async fn publish_live(line: &mut Line, keys: &Keys, notices: &[LiveNotice]) -> Result<Option<EntryId>, Error> {
    if notices.is_empty() {
        return Ok(None);
    }
    let stream = keys.live();
    let mut command = redis::cmd("XADD");
    command.arg(&stream).arg("MAXLEN").arg("~").arg(KEPT).arg("*");
    for notice in notices {
        command.arg(field(notice)).arg(&notice.data);
    }
    let id: String = command.query_async(line.connection()).await?;
    let id: EntryId = id.parse().map_err(|_| Error::Shape("XADD"))?;
    if notices.iter().map(|notice| notice.data.len()).sum::<usize>() > LARGE {
        let oldest = id.ms.saturating_sub(KEPT_MS);
        let mut trim = redis::cmd("XTRIM");
        let _: u64 = trim.arg(&stream).arg("MINID").arg("~").arg(oldest).query_async(line.connection()).await?;
    }
    Ok(Some(id))
}

/// Waits up to `block` for entries after `after`, at most `count`.
pub async fn read_live(
    line: &mut Line,
    keys: &Keys,
    after: EntryId,
    count: usize,
    block: Duration,
) -> Result<Vec<LiveEntry>, Error> {
    line.require_current()?;
    let mut command = redis::cmd("XREAD");
    command.arg("COUNT").arg(count).arg("BLOCK").arg(block.as_millis() as u64);
    command.arg("STREAMS").arg(keys.live()).arg(after.to_string());
    let reply: Option<Vec<(String, Vec<Value>)>> = command.query_async(line.connection()).await?;
    reply.into_iter().flatten().flat_map(|(_, entries)| entries).map(read).collect()
}

/// The entry `from` itself and those after it, at most `count`; nothing where `from` is not there: trimmed, or of a
/// history this server does not have.
pub async fn live_since(
    line: &mut Line,
    keys: &Keys,
    from: EntryId,
    count: usize,
) -> Result<Option<Vec<LiveEntry>>, Error> {
    let mut command = redis::cmd("XRANGE");
    command.arg(keys.live()).arg(from.to_string()).arg("+").arg("COUNT").arg(count);
    let entries: Vec<Value> = command.query_async(line.connection()).await?;
    let entries = entries.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(entries).filter(|entries| entries.first().is_some_and(|first| first.id == from)))
}

/// The id of the newest entry; nothing where there is none.
pub async fn live_tail(line: &mut Line, keys: &Keys) -> Result<Option<EntryId>, Error> {
    let mut command = redis::cmd("XREVRANGE");
    command.arg(keys.live()).arg("+").arg("-").arg("COUNT").arg(1);
    let entries: Vec<Value> = command.query_async(line.connection()).await?;
    entries.into_iter().next().map(|entry| split(entry).map(|(id, _)| id)).transpose()
}

/// Says that somebody looks at beats, for half a minute.
pub async fn keep_watched(line: &mut Line, keys: &Keys) -> Result<(), Error> {
    let mut command = redis::cmd("SET");
    Ok(command.arg(keys.watched()).arg(1).arg("EX").arg(WATCHED_S).query_async(line.connection()).await?)
}

/// Whether anybody looks at beats.
pub async fn is_watched(line: &mut Line, keys: &Keys) -> Result<bool, Error> {
    Ok(redis::cmd("EXISTS").arg(keys.watched()).query_async(line.connection()).await?)
}

fn field(notice: &LiveNotice) -> String {
    match notice.organisation {
        Some(organisation) => format!("{}:{organisation}", notice.event),
        None => format!("{}:*", notice.event),
    }
}

fn read(entry: Value) -> Result<LiveEntry, Error> {
    let (id, fields) = split(entry)?;
    Ok(LiveEntry { id, fields: fields.unwrap_or_default() })
}

fn notice(name: Vec<u8>, data: Vec<u8>) -> Option<LiveNotice> {
    let (name, data) = (String::from_utf8(name).ok()?, String::from_utf8(data).ok()?);
    let (event, whose) = name.split_once(':')?;
    let organisation = if whose == "*" { None } else { Some(whose.parse().ok()?) };
    // A line break would end the event for its readers.
    let fits = !event.is_empty() && !event.contains(char::is_control) && !data.contains(['\n', '\r']);
    fits.then(|| LiveNotice { organisation, event: event.to_owned(), data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_notice(name: &str, data: &[u8]) -> Option<LiveNotice> {
        notice(name.as_bytes().to_vec(), data.to_vec())
    }

    #[test]
    fn a_notice_is_itself_again() {
        for organisation in [None, Some(Uuid::from_u128(7))] {
            let notice = LiveNotice { organisation, event: "monitor.changed".to_owned(), data: "{}".to_owned() };
            assert_eq!(read_notice(&field(&notice), b"{}"), Some(notice));
        }
    }

    #[test]
    fn what_is_no_notice_is_left_out() {
        for (name, data) in [
            ("status", &b"{}"[..]),
            ("status:", b"{}"),
            ("status:7", b"{}"),
            (":*", b"{}"),
            ("sta\ntus:*", b"{}"),
            ("status:*", b"{\n}"),
            ("status:*", b"\xff"),
        ] {
            assert_eq!(read_notice(name, data), None, "{name:?}");
        }
        let entry = |id: &str, fields| Value::Array(vec![Value::BulkString(id.into()), fields]);
        assert!(read(entry("7-1", Value::Nil)).unwrap().notices().is_empty());
        assert!(read(entry("x", Value::Nil)).is_err() && read(Value::Nil).is_err());
    }
}
