//! News of incidents: its timeline entry and what channels are sent of it, in the caller's transaction. Reads what
//! [`domain::alerting`] goes by, asks it, and writes what it says. An incident's row is locked from the first statement on, so
//! that numbers of entries have no gaps and no twins, and nothing is decided twice.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use domain::{
    actor::Actor,
    alerting::{self, Delivery, News, Policy, Reminder, Route},
    incident::{Level, What},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Ask, Error, Read, Row, Transaction, statement::statements};

statements! {
    // What the policies of these incidents say, and the database's time, by which the outbox goes.
    ABOUT ("_uuid") ->
        (id "uuid", changes "int4", level "text", now "timestamptz", policy "uuid", name "text", sends "_text", delay "int4",
         reminder "int4")
        "with locked as (select * from incidents where id = any ($1) order by id for update)
         select i.id, i.changes, i.level::text as level, now(), p.id as policy, p.name, p.sends::text[] as sends, p.delay,
                p.reminder
         from locked i
         left join lateral (select policy from monitors where key = i.monitor offset 0) m on true
         left join lateral (
             select id from policies where organisation = i.organisation and is_default offset 0) usual on true
         left join lateral (select * from policies where id = coalesce(m.policy, usual.id) offset 0) p on true"
    CHANNELS ("_uuid") -> (policy "uuid", channel "uuid")
        "select p.id as policy, c.id as channel from unnest($1::uuid[]) p (id)
         cross join lateral (select channel from policy_channels where policy = p.id offset 0) pc
         cross join lateral (
             select ch.id, can_be_told(ch) as able from channels ch where ch.id = pc.channel offset 0) c
         where c.able order by c.id"
    // What nobody has begun to send is locked: no notifier claims it before this transaction ends.
    SO_FAR ("_uuid") ->
        (incident "uuid", key "int8", channel "uuid", what "text", state "text", due_at "timestamptz", untouched "bool")
        "with untouched as (
             select key from outbox
             where incident = any ($1) and state = 'pending' and digest is null and attempts = 0
               and (claimed_until is null or claimed_until < now())
             order by key for update)
         select o.incident, o.key, o.channel, o.what::text as what, o.state::text as state, o.due_at,
                u.key is not null as untouched
         from outbox o left join untouched u on u.key = o.key
         where o.incident = any ($1) order by o.key"
    NOTE ("_uuid", "_int4", "_text", "_uuid", "_uuid", "_text") -> ()
        "insert into timeline (incident, change, what, who, api_key, data)
         select incident, change, what::happening, who, api_key, data::jsonb
         from unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::uuid[], $6::text[])
            n (incident, change, what, who, api_key, data)"
    NUMBER ("_uuid", "_int4", "_bool", "_timestamptz") -> ()
        "update incidents i
         set changes = n.change, remind_at = case when n.moves then n.remind_at else i.remind_at end
         from unnest($1::uuid[], $2::int[], $3::bool[], $4::timestamptz[]) n (incident, change, moves, remind_at)
         where i.id = n.incident"
    WITHDRAW ("_int8", "_text") -> ()
        "update outbox o set state = w.state::delivery_state, done_at = now()
         from unnest($1::bigint[], $2::text[]) w (key, state) where o.key = w.key"
    ENQUEUE ("_uuid", "_int4", "_uuid", "_text", "_timestamptz") -> ()
        "insert into outbox (incident, change, channel, what, due_at)
         select incident, change, channel, what::happening, due_at
         from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[])
            n (incident, change, channel, what, due_at)"
    WAKE () -> (pg_notify "void") "select pg_notify('upguard_outbox', '')"
    REMINDABLE () -> (id "uuid")
        "select id from incidents where remind_at <= now() and state = 'open'
         order by remind_at limit 100 for update skip locked"
}

/// Something that happened to an incident.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Which.
    pub(super) incident: Uuid,
    /// What.
    pub(super) what: What,
    /// Who did it; absent for the machine.
    pub(super) who: Option<Actor>,
    /// The explanation.
    pub(super) facts: Value,
}

/// What routing goes by, of one incident.
struct About {
    change: i32,
    level: Level,
    now: DateTime<Utc>,
    policy: Option<Uuid>,
}

/// Writes entries, one an incident, and what follows from them; openings wait `hold` longer than their policies say.
pub(super) async fn announce(db: &impl Ask, entries: Vec<Entry>, hold: Duration) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let incidents: Vec<Uuid> = entries.iter().map(|entry| entry.incident).collect();
    let known: Vec<Uuid> =
        entries.iter().filter(|entry| entry.what != What::Opened).map(|entry| entry.incident).collect();
    let (about, mut policies) = about(db, &incidents).await?;
    reach(db, &mut policies).await?;
    let so_far = so_far(db, &known).await?;
    let routed = entries.into_iter().filter_map(|entry| {
        let about = about.get(&entry.incident)?;
        let policy = about.policy.and_then(|id| policies.get(&id));
        let so_far = so_far.get(&entry.incident).map_or(&[][..], Vec::as_slice);
        let route = alerting::route(policy, about.level, so_far, News { what: entry.what, hold }, about.now);
        Some(Routed::new(entry, route, about.change, policy))
    });
    write(db, &routed.collect::<Vec<_>>()).await
}

/// Reminds of incidents that are open, unacknowledged and due for it, at most a hundred. Returns how many there were.
pub async fn remind(tx: &Transaction<'_>) -> Result<usize, Error> {
    let due = tx.ask(REMINDABLE, &[]).await?;
    let entry = |row: &Row| {
        let incident = row.read("id")?;
        Ok(Entry { incident, what: What::Reminded, who: None, facts: json!({}) })
    };
    let entries = due.iter().map(entry).collect::<Result<Vec<_>, Error>>()?;
    announce(tx, entries, Duration::ZERO).await?;
    Ok(due.len())
}

async fn about(db: &impl Ask, incidents: &[Uuid]) -> Result<(HashMap<Uuid, About>, HashMap<Uuid, Policy>), Error> {
    let (mut about, mut policies) = (HashMap::new(), HashMap::new());
    for row in db.ask(ABOUT, &[&incidents]).await? {
        let policy = row.read("policy")?;
        let (change, level) = (row.read("changes")?, row.read("level")?);
        about.insert(row.read("id")?, About { change, level, now: row.read("now")?, policy });
        if let Some(id) = policy {
            policies.insert(id, read_policy(&row)?);
        }
    }
    Ok((about, policies))
}

fn read_policy(row: &Row) -> Result<Policy, Error> {
    let seconds = |count: i32| Duration::from_secs(u64::from(count.unsigned_abs()));
    let reminder: Option<i32> = row.read("reminder")?;
    Ok(Policy {
        name: row.read("name")?,
        sends: row.read("sends")?,
        delay: seconds(row.read("delay")?),
        reminder: reminder.map(seconds),
        channels: Vec::new(),
    })
}

/// Adds their channels to policies.
async fn reach(db: &impl Ask, policies: &mut HashMap<Uuid, Policy>) -> Result<(), Error> {
    let ids: Vec<Uuid> = policies.keys().copied().collect();
    for row in db.ask(CHANNELS, &[&ids]).await? {
        if let Some(policy) = policies.get_mut(&row.read("policy")?) {
            policy.channels.push(row.read("channel")?);
        }
    }
    Ok(())
}

async fn so_far(db: &impl Ask, incidents: &[Uuid]) -> Result<HashMap<Uuid, Vec<Delivery>>, Error> {
    let mut so_far = HashMap::<Uuid, Vec<Delivery>>::new();
    if incidents.is_empty() {
        return Ok(so_far);
    }
    for row in db.ask(SO_FAR, &[&incidents]).await? {
        let delivery = Delivery {
            row: row.read("key")?,
            channel: row.read("channel")?,
            what: row.read("what")?,
            stage: row.read("state")?,
            due_at: row.read("due_at")?,
            untouched: row.read("untouched")?,
        };
        so_far.entry(row.read("incident")?).or_default().push(delivery);
    }
    Ok(so_far)
}

/// An entry, its number, and what follows from it.
struct Routed {
    entry: Entry,
    change: i32,
    route: Route,
}

impl Routed {
    fn new(mut entry: Entry, route: Route, changes: i32, policy: Option<&Policy>) -> Self {
        if let Value::Object(facts) = &mut entry.facts {
            facts.insert("told".to_owned(), route.send.len().into());
            facts.insert("policy".to_owned(), policy.map(|policy| policy.name.clone()).into());
            facts.insert("sends".to_owned(), route.sends.into());
        }
        Self { entry, change: changes + 1, route }
    }

    /// A reminder that nobody is sent is none.
    fn is_noted(&self) -> bool {
        self.entry.what != What::Reminded || !self.route.send.is_empty()
    }
}

async fn write(db: &impl Ask, routed: &[Routed]) -> Result<(), Error> {
    number(db, routed).await?;
    note(db, routed).await?;
    withdraw(db, routed).await?;
    enqueue(db, routed).await
}

async fn number(db: &impl Ask, routed: &[Routed]) -> Result<(), Error> {
    let incidents: Vec<Uuid> = routed.iter().map(|routed| routed.entry.incident).collect();
    let change = |routed: &Routed| if routed.is_noted() { routed.change } else { routed.change - 1 };
    let changes: Vec<i32> = routed.iter().map(change).collect();
    let moves: Vec<bool> = routed.iter().map(|routed| routed.route.remind != Reminder::Unchanged).collect();
    let remind_at = |routed: &Routed| if let Reminder::At(at) = routed.route.remind { Some(at) } else { None };
    let remind_at: Vec<Option<DateTime<Utc>>> = routed.iter().map(remind_at).collect();
    db.ask(NUMBER, &[&incidents, &changes, &moves, &remind_at]).await.map(drop)
}

async fn note(db: &impl Ask, routed: &[Routed]) -> Result<(), Error> {
    let (mut incidents, mut changes, mut whats) = (Vec::new(), Vec::new(), Vec::new());
    let (mut people, mut keys, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for Routed { entry, change, .. } in routed.iter().filter(|routed| routed.is_noted()) {
        incidents.push(entry.incident);
        changes.push(*change);
        whats.push(entry.what.as_str());
        people.push(entry.who.and_then(Actor::person).map(|user| user.0));
        keys.push(entry.who.and_then(Actor::key).map(|key| key.0));
        facts.push(entry.facts.to_string());
    }
    db.ask(NOTE, &[&incidents, &changes, &whats, &people, &keys, &facts]).await.map(drop)
}

async fn withdraw(db: &impl Ask, routed: &[Routed]) -> Result<(), Error> {
    let rows = routed.iter().flat_map(|routed| &routed.route.withdraw);
    let (rows, stages): (Vec<i64>, Vec<&str>) = rows.map(|(row, stage)| (row, stage.as_str())).unzip();
    if rows.is_empty() {
        return Ok(());
    }
    db.ask(WITHDRAW, &[&rows, &stages]).await.map(drop)
}

async fn enqueue(db: &impl Ask, routed: &[Routed]) -> Result<(), Error> {
    let (mut incidents, mut changes) = (Vec::new(), Vec::new());
    let (mut channels, mut whats, mut due_at) = (Vec::new(), Vec::new(), Vec::new());
    for (routed, send) in routed.iter().flat_map(|routed| routed.route.send.iter().map(move |send| (routed, send))) {
        incidents.push(routed.entry.incident);
        changes.push(routed.change);
        channels.push(send.channel.0);
        whats.push(send.what.as_str());
        due_at.push(send.due_at);
    }
    if incidents.is_empty() {
        return Ok(());
    }
    db.ask(ENQUEUE, &[&incidents, &changes, &channels, &whats, &due_at]).await?;
    db.ask(WAKE, &[]).await.map(drop)
}
