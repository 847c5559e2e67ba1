//! Putting jobs on streams. A chunk and the cursor behind it are one transaction: within one Redis history two
//! pushers never emit a slot twice, and a restarted one resumes where the last chunk ended.

use std::{collections::HashSet, fmt, str::FromStr};

use redis::{Pipeline, Value};

use super::{error::Error, link::Line};
use crate::{
    ids::{MonitorId, Region},
    keys::Keys,
};

/// Where pushing resumes: after monitor `last` of `slot`, in the order of control's monitor keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Unix seconds.
    pub slot: i64,
    /// The key of the last monitor pushed of that slot; below every key where none was.
    pub last: i64,
}

impl Cursor {
    /// Nothing of `slot` was pushed yet.
    pub fn start_of(slot: i64) -> Self {
        Self { slot, last: 0 }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.slot, self.last)
    }
}

impl FromStr for Cursor {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let parsed = s.split_once(':').and_then(|(slot, last)| Some((slot.parse().ok()?, last.parse().ok()?)));
        let (slot, last) = parsed.ok_or_else(|| format!("`{s}` is no watermark"))?;
        Ok(Self { slot, last })
    }
}

/// Whom a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Every region with a group on the shared stream.
    All,
    /// One region alone.
    Region(&'a Region),
}

/// A job to be put on a stream. `spec` is JSON, absent when all defaults.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Whom it is for.
    pub target: Target<'a>,
    /// The monitor.
    pub id: MonitorId,
    /// What to check.
    pub url: &'a str,
    /// Due moment, unix seconds.
    pub slot: i64,
    /// Not started any more from here on, unix seconds.
    pub until: i64,
    /// 0 scheduled, 1–254 recheck rounds, 255 on request.
    pub attempt: u8,
    /// The monitor's `Spec`.
    pub spec: Option<&'a str>,
    /// The revision of the target: how often `url` or `spec` changed.
    pub rev: u32,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is on its streams, and the watermark behind it.
    Done,
    /// Somebody moved the watermark: nothing was pushed. Read it again.
    Moved,
}

/// One lane's pusher: a line of its own, since `WATCH` is state of a connection.
pub struct Pusher {
    line: Line,
    keys: Keys,
}

impl Pusher {
    /// A pusher on `line`, which nobody else may use.
    pub fn new(line: Line, keys: Keys) -> Self {
        Self { line, keys }
    }

    /// Redis `TIME` in milliseconds and the cursor, read together.
    pub async fn look(&mut self) -> Result<(i64, Option<Cursor>), Error> {
        let mut pipe = redis::pipe();
        pipe.cmd("TIME").cmd("GET").arg(self.keys.watermark());
        let ((seconds, micros), cursor): ((i64, i64), Option<String>) = self.line.run(&pipe).await?;
        Ok((seconds * 1000 + micros / 1000, parse_cursor(cursor)?))
    }

    /// Pushes `entries` (at most 500) and moves the watermark from `from` to `to`, or does neither.
    /// The first `XADD` to each stream drops what is older than `min_id_ms`.
    pub async fn push(
        &mut self,
        from: Option<Cursor>,
        entries: &[Entry<'_>],
        to: Cursor,
        min_id_ms: i64,
    ) -> Result<Pushed, Error> {
        let watermark = self.keys.watermark();
        let mut watch = redis::pipe();
        watch.cmd("WATCH").arg(&watermark).ignore().cmd("GET").arg(&watermark);
        let (found,): (Option<String>,) = self.line.run(&watch).await?;
        if parse_cursor(found)? != from {
            redis::cmd("UNWATCH").query_async::<()>(self.line.connection()).await?;
            return Ok(Pushed::Moved);
        }
        let mut chunk = Pipeline::with_capacity(entries.len() + 1);
        chunk.atomic();
        add_all(&mut chunk, &self.keys, entries, min_id_ms);
        chunk.cmd("SET").arg(&watermark).arg(to.to_string());
        // EXEC is no rollback, so every reply counts: the pipeline turns any error reply into its error.
        let replies: Option<Vec<Value>> = self.line.run(&chunk).await?;
        Ok(if replies.is_some() { Pushed::Done } else { Pushed::Moved })
    }
}

/// Pushes `entries` outside the schedule: check-now and rechecks.
pub async fn push_one(line: &mut Line, keys: &Keys, entries: &[Entry<'_>], min_id_ms: i64) -> Result<(), Error> {
    let mut pipe = Pipeline::with_capacity(entries.len());
    pipe.atomic();
    add_all(&mut pipe, keys, entries, min_id_ms);
    let _: Vec<Value> = line.run(&pipe).await?;
    Ok(())
}

/// The pusher's cursor, as anybody may read it.
pub async fn read_watermark(line: &mut Line, keys: &Keys) -> Result<Option<Cursor>, Error> {
    let text = redis::cmd("GET").arg(keys.watermark()).query_async(line.connection()).await?;
    parse_cursor(text)
}

fn parse_cursor(text: Option<String>) -> Result<Option<Cursor>, Error> {
    text.map(|text| text.parse()).transpose().map_err(|_| Error::Shape("GET {K}:_watermark"))
}

fn add_all(pipe: &mut Pipeline, keys: &Keys, entries: &[Entry<'_>], min_id_ms: i64) {
    let mut trimmed = HashSet::new();
    for entry in entries {
        let first = trimmed.insert(match entry.target {
            Target::All => None,
            Target::Region(region) => Some(region),
        });
        pipe.cmd("XADD");
        match entry.target {
            Target::All => pipe.arg(keys.jobs()),
            Target::Region(region) => pipe.arg(keys.region_jobs(region)),
        };
        if first {
            pipe.arg("MINID").arg("=").arg(min_id_ms.max(0));
        }
        let mut id = uuid::Uuid::encode_buffer();
        pipe.arg("*").arg("id").arg(&*entry.id.0.hyphenated().encode_lower(&mut id));
        pipe.arg("url").arg(entry.url).arg("slot").arg(entry.slot).arg("until").arg(entry.until);
        pipe.arg("attempt").arg(entry.attempt);
        if let Some(spec) = entry.spec {
            pipe.arg("spec").arg(spec);
        }
        if entry.rev > 0 {
            pipe.arg("rev").arg(entry.rev);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_have_one_text_form() {
        let cursor = Cursor { slot: 1_700_000_000, last: 42 };
        assert_eq!(cursor.to_string(), "1700000000:42");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("1700000000".parse::<Cursor>().is_err());
        assert!(Cursor::start_of(2) > Cursor { slot: 1, last: i64::MAX });
    }
}
