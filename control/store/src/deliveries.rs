//! The log of tries, as people read it, and what waits or was given up.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    ids::{ChannelId, OrgId},
    incident::What,
};
use uuid::Uuid;
use wire::{MonitorId, Region};

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    OF_CHANNEL ("uuid", "uuid", "int8", "int8") ->
        (key "int8", outbox "int8", at "timestamptz", attempt "int4", ok "bool", status "int4", answer "text",
         took_ms "int4", incident "uuid", change "int4", what "text", monitor "uuid", monitor_name "text",
         region "text")
        "select d.key, d.outbox, d.at, d.attempt, d.ok, d.status, d.answer, d.took_ms, o.incident, o.change,
                o.what::text as what, m.id as monitor, m.name as monitor_name, g.id as region
         from channels c join deliveries d on d.channel = c.id left join outbox o on o.key = d.outbox
         left join incidents i on i.id = o.incident
         left join monitors m on m.key = i.monitor left join regions g on g.key = i.region
         where c.organisation = $1 and c.id = $2 and ($3::bigint is null or d.key < $3)
         order by d.key desc limit $4"
    // Channel by channel, so that each is one look into a small index.
    UNSENT ("uuid", "text", "int8", "int8", "int8") ->
        (key "int8", state "text", what "text", channel "uuid", kind "text", name "text", incident "uuid",
         change "int4", members "int8", attempts "int4", created_at "timestamptz", due_at "timestamptz",
         at "timestamptz", ok "bool", status "int4", answer "text", took_ms "int4", monitor "uuid", monitor_name "text",
         region "text")
        "select o.key, o.state::text as state, o.what::text as what, c.id as channel, c.kind::text as kind, c.name,
                o.incident, o.change, (select count(*) from outbox m where m.digest = o.key) as members, o.attempts,
                o.created_at, o.due_at, d.at, d.ok, d.status, d.answer, d.took_ms, m.id as monitor,
                m.name as monitor_name, g.id as region
         from (select o.* from channels c cross join lateral (
                   select o.* from outbox o
                   where o.channel = c.id and o.state in ('pending', 'dead') and o.digest is null
                     and ($2::text is null or o.state::text = $2) and ($3::bigint is null or o.key < $3)
                     and ($5::bigint is null or o.key = $5)
                   order by o.key desc limit $4) o
               where c.organisation = $1 order by o.key desc limit $4) o
         join channels c on c.id = o.channel
         left join incidents i on i.id = o.incident
         left join monitors m on m.key = i.monitor left join regions g on g.key = i.region
         left join lateral (
             select * from (select * from deliveries where outbox = o.key offset 0) d order by d.key desc limit 1) d on true
         order by o.key desc"
    STATE ("uuid", "int8") -> (state "text", is_member "bool", can_be_told "bool")
        "select o.state::text as state, o.digest is not null as is_member, c.enabled and c.deleted_at is null as can_be_told
         from outbox o join channels c on c.id = o.channel where c.organisation = $1 and o.key = $2"
    LOG ("uuid", "bool", "int4", "text", "int4") -> ()
        "insert into deliveries (channel, outbox, attempt, ok, status, answer, took_ms)
         select id, null, 1, $2, $3, $4, $5 from channels where id = $1"
    FORGET ("int8") -> ()
        "delete from deliveries where key = any (array(
             select key from deliveries where at < now() - $1::bigint * interval '1 day' order by at limit 10000))"
}

/// What the other side of a try said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether it took the message.
    pub ok: bool,
    /// The status of its HTTP answer, or its SMTP code.
    pub status: Option<u16>,
    /// Its answer, or why there is none; empty where it said nothing.
    pub answer: String,
    /// How long it took.
    pub took: Duration,
}

impl Said {
    /// PostgreSQL's texts have no zero byte.
    pub(super) fn text(&self) -> Option<String> {
        (!self.answer.is_empty()).then(|| self.answer.replace('\0', "\u{fffd}"))
    }

    pub(super) fn took_ms(&self) -> i32 {
        i32::try_from(self.took.as_millis()).unwrap_or(i32::MAX)
    }
}

/// One try, as it was logged.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number: later ones are higher.
    pub key: i64,
    /// Of which message; absent for a test.
    pub message: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// The how manieth.
    pub attempt: i32,
    /// What came back.
    pub said: Said,
    /// What was told: incident (absent for a digest), its change, and what happened. Absent for a test.
    pub told: Option<(Option<Uuid>, i32, What)>,
    /// What that is about.
    pub about: About,
}

/// What an incident is about: a monitor, with its name, or a region. Neither where there is no incident, or where what it was
/// about is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Which monitor.
    pub monitor: Option<(MonitorId, String)>,
    /// Which region.
    pub region: Option<Region>,
}

/// A message that waits or was given up.
#[derive(Clone, Debug)]
pub struct Unsent {
    /// Its number.
    pub key: i64,
    /// Whether it was given up; else it waits.
    pub is_dead: bool,
    /// What happened.
    pub what: What,
    /// To whom: id, kind, name.
    pub channel: (ChannelId, String, String),
    /// About what; absent for a digest.
    pub incident: Option<Uuid>,
    /// What that is about.
    pub about: About,
    /// The timeline's number.
    pub change: i32,
    /// How many messages a digest stands for; 0 where it is none.
    pub members: i64,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it is tried next.
    pub due_at: DateTime<Utc>,
    /// The last try.
    pub last: Option<(DateTime<Utc>, Said)>,
}

/// Why a message is not told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was given up: it can be told again.
    Dead,
    /// It was given up, but its channel is switched off or gone.
    NoChannel,
    /// It is part of a digest.
    Member,
    /// It was told, waits, or needs not be told.
    Other,
}

/// Tries of a channel of the organisation, newest first, behind number `after`.
pub async fn of_channel(
    db: &impl GenericClient,
    org: OrgId,
    channel: ChannelId,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<Delivery>, Error> {
    let statement = db.prepare_cached(OF_CHANNEL).await?;
    let rows = db.query(&statement, &[&org.0, &channel.0, &after, &(limit as i64)]).await?;
    let read = |row: &Row| {
        let what: Option<What> = row.read("what")?;
        let (incident, change) = (row.read("incident")?, row.read::<Option<i32>>("change")?.unwrap_or(0));
        Ok(Delivery {
            key: row.read("key")?,
            message: row.read("outbox")?,
            at: row.read("at")?,
            attempt: row.read("attempt")?,
            said: said(row)?,
            told: what.map(|what| (incident, change, what)),
            about: about(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Which unsent messages a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those given up, or those that wait; both where absent.
    pub dead: Option<bool>,
    /// Those behind this number.
    pub after: Option<i64>,
    /// This one alone.
    pub only: Option<i64>,
}

/// Messages of the organisation that wait or were given up, newest first. A digest stands for its members.
pub async fn unsent(db: &impl GenericClient, org: OrgId, filter: Filter, limit: usize) -> Result<Vec<Unsent>, Error> {
    let state = filter.dead.map(|dead| if dead { "dead" } else { "pending" });
    let statement = db.prepare_cached(UNSENT).await?;
    let rows = db.query(&statement, &[&org.0, &state, &filter.after, &(limit as i64), &filter.only]).await?;
    rows.iter().map(read_unsent).collect()
}

fn read_unsent(row: &Row) -> Result<Unsent, Error> {
    let last: Option<DateTime<Utc>> = row.read("at")?;
    Ok(Unsent {
        key: row.read("key")?,
        is_dead: row.read::<&str>("state")? == "dead",
        what: row.read("what")?,
        channel: (row.read("channel")?, row.read("kind")?, row.read("name")?),
        incident: row.read("incident")?,
        about: about(row)?,
        change: row.read("change")?,
        members: row.read("members")?,
        attempts: row.read("attempts")?,
        created_at: row.read("created_at")?,
        due_at: row.read("due_at")?,
        last: last.map(|at| Ok::<_, Error>((at, said(row)?))).transpose()?,
    })
}

fn said(row: &Row) -> Result<Said, Error> {
    Ok(Said {
        ok: row.read("ok")?,
        status: row.read::<Option<i32>>("status")?.and_then(|code| u16::try_from(code).ok()),
        answer: row.read::<Option<String>>("answer")?.unwrap_or_default(),
        took: Duration::from_millis(row.read::<i32>("took_ms")?.max(0) as u64),
    })
}

fn about(row: &Row) -> Result<About, Error> {
    let monitor: Option<MonitorId> = row.read("monitor")?;
    Ok(About { monitor: monitor.zip(row.read("monitor_name")?), region: row.read("region")? })
}

/// How a message of the organisation stands; nothing where it has none such.
pub async fn standing(db: &impl GenericClient, org: OrgId, message: i64) -> Result<Option<Standing>, Error> {
    let row = db.query_opt(&db.prepare_cached(STATE).await?, &[&org.0, &message]).await?;
    let Some(row) = row else { return Ok(None) };
    let state: &str = row.read("state")?;
    Ok(Some(match (state, row.read("is_member")?, row.read("can_be_told")?) {
        ("dead", true, _) => Standing::Member,
        ("dead", false, true) => Standing::Dead,
        ("dead", false, false) => Standing::NoChannel,
        _ => Standing::Other,
    }))
}

/// Logs a try that is about no incident: a test of the channel.
pub async fn log(db: &impl GenericClient, channel: ChannelId, said: &Said) -> Result<(), Error> {
    let (status, took) = (said.status.map(i32::from), said.took_ms());
    db.execute(&db.prepare_cached(LOG).await?, &[&channel.0, &said.ok, &status, &said.text(), &took]).await?;
    Ok(())
}

/// Removes tries older than `days`. Returns how many; at most 10,000 at once.
pub async fn forget(db: &impl GenericClient, days: i64) -> Result<u64, Error> {
    Ok(db.execute(&db.prepare_cached(FORGET).await?, &[&days]).await?)
}
