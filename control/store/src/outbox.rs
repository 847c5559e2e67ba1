//! What is still to be told, and who is telling it. A claim is a token on a row and a time until which nobody else
//! takes it; only its holder marks the row.

use std::time::Duration;

use domain::ids::ChannelId;
use uuid::Uuid;

use super::{Error, GenericClient, Read, Row, Transaction, statement::statements};

statements! {
    IS_ANY_READY () -> (is_any_ready "bool") "select exists (select from outbox_ready) as is_any_ready"
    // Nobody needs them: their channel is switched off or gone, or was never told of what they follow.
    DROP_UNNEEDED () -> (key "int8")
        "with gone as (
             select o.key from outbox o
             where o.key = any (array(
                 select r.key from outbox_ready r
                 cross join lateral (select * from channels where id = r.channel offset 0) c
                 where not c.enabled or c.deleted_at is not null
                    or (r.incident is null and not exists (select from outbox m where m.digest = r.key))
                    or (r.what in ('resolved', 'acknowledged', 'flapping', 'reminded') and r.incident is not null
                        and not exists (select from outbox told
                                        where told.incident = r.incident and told.channel = r.channel
                                          and told.change < r.change and told.what in ('opened', 'escalated')
                                          and told.state in ('sent', 'merged')))))
               and o.state = 'pending' and (o.claimed_until is null or o.claimed_until <= now())
             for update skip locked),
         members as (
             update outbox o set state = 'dropped', done_at = now() from gone
             where o.digest = gone.key and o.state = 'pending')
         update outbox o set state = 'dropped', done_at = now(), claim = null, claimed_until = null
         from gone where o.key = gone.key
         returning o.key"
    // What was tried may have been received, and a webhook's receiver knows repeats by the key in the header: there it
    // stays a message of its own. What was claimed and never marked may have been received by anybody.
    DIGEST_CANDIDATES ("int8") -> (id "uuid", kind "text", resolves "bool", messages "int8")
        "select c.id, c.kind::text as kind, r.what = 'resolved' as resolves, count(*) as messages
         from outbox_ready r cross join lateral (select * from channels where id = r.channel offset 0) c
         where r.incident is not null and r.what in ('opened', 'escalated', 'resolved') and r.claim is null
           and (r.attempts = 0 or c.kind <> 'webhook')
         group by c.id, c.kind, r.what = 'resolved' having count(*) > $1"
    // Its members are fixed with it. Who finds the channel's row locked leaves it to whoever locked it.
    DIGEST ("uuid", "bool", "int8", "int8") -> (key "int8")
        "with mine as (select id, kind from channels where id = $1 for no key update skip locked),
         members as (
             select o.key from outbox o, mine
             where o.key = any (array(
                 select r.key from outbox_ready r join channels c on c.id = r.channel
                 where c.id = $1 and r.incident is not null and r.what in ('opened', 'escalated', 'resolved')
                   and (r.what = 'resolved') = $2 and r.claim is null and (r.attempts = 0 or c.kind <> 'webhook')
                 order by r.due_at, r.key limit $4))
               and o.state = 'pending' and o.digest is null and o.claim is null
               and (o.attempts = 0 or mine.kind <> 'webhook')
             for update of o skip locked),
         digest as (
             insert into outbox (incident, change, channel, what)
             select null, 0, mine.id, case when $2 then 'resolved' else 'opened' end::happening
             from mine where (select count(*) from members) > $3 returning key)
         update outbox o set digest = digest.key from digest, members where o.key = members.key
         returning o.key"
    // First without locks, so that fairness among channels can be counted; then locked by key, and looked at again.
    CLAIM ("uuid", "int8", "_uuid", "_int8", "int8", "int8", "int8", "int8") ->
        (key "int8", channel "uuid", is_digest "bool", attempts "int4", age_ms "int8", created_at "timestamptz")
        "with room as (select * from unnest($3::uuid[], $4::bigint[]) r (channel, places)),
         ready as (
             select r.key, r.channel, r.due_at,
                    row_number() over (partition by r.channel order by r.due_at, r.key) as place
             from outbox_ready r where r.channel <> all (select channel from room where places <= 0)),
         placed as (
             select r.key, r.due_at, (select c.kind = 'email' from channels c where c.id = r.channel) as is_mail
             from ready r left join room on room.channel = r.channel where r.place <= coalesce(room.places, $5)),
         ranked as (select *, row_number() over (partition by is_mail order by due_at, key) as nth from placed),
         wanted as (select key from ranked where not is_mail or nth <= $8 order by due_at, key limit $6),
         chosen as (
             select o.key from outbox o
             where o.key = any (array(select key from wanted)) and o.state = 'pending' and o.digest is null
               and (o.claimed_until is null or o.claimed_until <= now())
             for update skip locked)
         update outbox o
         set claim = $1, claimed_until = now() + interval '1 millisecond' * case
                 when (select c.kind from channels c where c.id = o.channel) = 'email' then $7::bigint else $2::bigint end,
             tried_at = coalesce(o.tried_at, now())
         from chosen where o.key = chosen.key
         returning o.key, o.channel, o.incident is null as is_digest, o.attempts,
                   (extract(epoch from now() - o.tried_at) * 1000)::bigint as age_ms, o.created_at"
    // Every try is logged, also one whose claim has lapsed; only the claim's holder marks. Members share their digest's
    // fate. How long it took counts from when it was to be told, and where it was tried before, from the first try.
    MARK ("_int8", "_uuid", "_bool", "_int4", "_text", "_int4", "_text", "_int8") -> (state "text", took_s "float8")
        "with tries as (
             select * from unnest($1::bigint[], $2::uuid[], $3::bool[], $4::int[], $5::text[], $6::int[], $7::text[],
                                  $8::bigint[]) t (key, claim, ok, status, answer, took_ms, state, wait_ms)),
         logged as (
             insert into deliveries (channel, outbox, attempt, ok, status, answer, took_ms)
             select o.channel, o.key, o.attempts + 1, t.ok, t.status, t.answer, t.took_ms
             from tries t join outbox o on o.key = t.key),
         marked as (
             update outbox o
             set state = t.state::delivery_state, attempts = o.attempts + 1, claim = null, claimed_until = null,
                 done_at = case when t.state <> 'pending' then now() end,
                 due_at = case when t.state = 'pending' then now() + t.wait_ms * interval '1 millisecond'
                               else o.due_at end
             from tries t where o.key = t.key and o.claim = t.claim
             returning o.key, o.state, o.incident,
                       case when o.attempts = 1 then greatest(o.created_at, o.due_at) else o.tried_at end as since),
         members as (
             update outbox m set state = d.state, done_at = now() from marked d
             where m.digest = d.key and m.state = 'pending' and d.state <> 'pending'
             returning m.state, m.incident,
                       case when m.attempts = 0 then greatest(m.created_at, m.due_at) else m.tried_at end as since)
         select state::text as state, extract(epoch from clock_timestamp() - since)::float8 as took_s
         from (select state, incident, since from marked union all select state, incident, since from members) told
         where incident is not null and state <> 'pending'"
    RESEND ("uuid", "int8") -> (key "int8")
        "with again as (
             update outbox o set state = 'pending', attempts = 0, tried_at = null, due_at = now(), done_at = null
             from channels c
             where o.key = $2 and o.state = 'dead' and o.digest is null and c.id = o.channel and c.organisation = $1
               and c.enabled and c.deleted_at is null
               and (o.incident is null or o.what = 'resolved'
                    or exists (select from incidents i where i.id = o.incident and i.state <> 'resolved'))
             returning o.key),
         members as (
             update outbox m set state = 'pending', done_at = null from again
             where m.digest = again.key and m.state = 'dead'),
         woken as (select pg_notify('upguard_outbox', '') from again)
         select again.key from again, woken"
    FORGET ("int8") -> ()
        "delete from outbox where key = any (array(
             select o.key from outbox o
             where o.done_at < now() - $1::bigint * interval '1 day'
               and not exists (select from incidents i where i.id = o.incident and i.state <> 'resolved' offset 0)
               and (o.incident is not null or not exists (select from outbox m where m.digest = o.key offset 0))
             order by o.done_at limit 10000))"
}

/// The channel of PostgreSQL's notifications that says there is something to tell.
pub const NOTICES: &str = "upguard_outbox";

/// Something to be told, in our hands.
#[derive(Clone, Copy, Debug)]
pub struct Claimed {
    /// Its row.
    pub key: i64,
    /// To whom.
    pub channel: ChannelId,
    /// Whether it stands for many.
    pub is_digest: bool,
    /// How often it was tried before.
    pub attempts: i32,
    /// How long ago its first try began.
    pub age: Duration,
    /// When it was written.
    pub created_at: chrono::DateTime<chrono::Utc>,
}

/// How many messages of a channel may be claimed.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Whose.
    pub channel: ChannelId,
    /// So many; none at 0.
    pub places: usize,
}

/// A try that has ended.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Of which row.
    pub key: i64,
    /// Under which claim.
    pub claim: Uuid,
    /// What the other side said to it.
    pub said: super::deliveries::Said,
    /// What becomes of the row.
    pub fate: Fate,
}

/// What becomes of a row after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was told.
    Sent,
    /// It is tried again after this.
    Again(Duration),
    /// It is given up.
    Dead,
}

/// Many messages to one channel that are due at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestCandidate {
    /// To whom.
    pub channel: ChannelId,
    /// The word for its kind.
    pub kind: String,
    /// Whether they are resolves; else they open or escalate.
    pub resolves: bool,
    /// How many.
    pub count: usize,
}

/// Whether there is anything to claim.
pub async fn is_any_ready(db: &impl GenericClient) -> Result<bool, Error> {
    db.query_one(&db.prepare_cached(IS_ANY_READY).await?, &[]).await?.read("is_any_ready")
}

/// Drops what nobody needs any more. Returns how many.
pub async fn drop_unneeded(db: &impl GenericClient) -> Result<usize, Error> {
    Ok(db.query(&db.prepare_cached(DROP_UNNEEDED).await?, &[]).await?.len())
}

/// Where more than `above` messages are due at once.
pub async fn digest_candidates(db: &impl GenericClient, above: usize) -> Result<Vec<DigestCandidate>, Error> {
    let rows = db.query(&db.prepare_cached(DIGEST_CANDIDATES).await?, &[&(above as i64)]).await?;
    let read = |row: &Row| {
        let (channel, kind, resolves) = (row.read("id")?, row.read("kind")?, row.read("resolves")?);
        Ok(DigestCandidate { channel, kind, resolves, count: row.read::<i64>("messages")? as usize })
    };
    rows.iter().map(read).collect()
}

/// Makes one digest of a channel's due messages if it still has more than `above`; it takes at most `most`. Returns how many it took.
pub async fn digest(
    db: &impl GenericClient,
    candidate: &DigestCandidate,
    above: usize,
    most: usize,
) -> Result<usize, Error> {
    let statement = db.prepare_cached(DIGEST).await?;
    let members =
        db.query(&statement, &[&candidate.channel.0, &candidate.resolves, &(above as i64), &(most as i64)]).await?;
    Ok(members.len())
}

/// How long a row is claimed for.
#[derive(Clone, Copy, Debug)]
pub struct Leases {
    /// By kind of channel: every other one.
    pub usual: Duration,
    /// Mails: their servers may take minutes.
    pub mail: Duration,
}

/// How many rows are claimed at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one channel nothing is said of.
    pub each: usize,
    /// Of all.
    pub most: usize,
    /// Of those that are mailed: they all wait for one server.
    pub mails: usize,
}

/// Claims rows within `limits`, the oldest first; of each channel as many as there is room for.
pub async fn claim(
    tx: &Transaction<'_>,
    token: Uuid,
    leases: Leases,
    rooms: &[Room],
    limits: Limits,
) -> Result<Vec<Claimed>, Error> {
    let (channels, places): (Vec<_>, Vec<_>) = rooms.iter().map(|room| (room.channel.0, room.places as i64)).unzip();
    let [usual, mail] = [leases.usual, leases.mail].map(|lease| lease.as_millis() as i64);
    let [each, most, mails] = [limits.each, limits.most, limits.mails].map(|limit| limit as i64);
    let statement = tx.prepare_cached(CLAIM).await?;
    let rows = tx.query(&statement, &[&token, &usual, &channels, &places, &each, &most, &mail, &mails]).await?;
    rows.iter().map(claimed).collect()
}

fn claimed(row: &Row) -> Result<Claimed, Error> {
    Ok(Claimed {
        key: row.read("key")?,
        channel: row.read("channel")?,
        is_digest: row.read("is_digest")?,
        attempts: row.read("attempts")?,
        age: Duration::from_millis(row.read::<i64>("age_ms")?.max(0) as u64),
        created_at: row.read("created_at")?,
    })
}

/// What became of a message about an incident, and how many seconds after it was to be told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Whether it was told; else it was given up.
    pub sent: bool,
    /// Seconds.
    pub took: f64,
}

/// Logs tries and marks their rows, where the claim is still theirs. Returns what is done now, members of digests
/// included.
pub async fn mark(db: &impl GenericClient, tries: &[Tried]) -> Result<Vec<Told>, Error> {
    let keys: Vec<i64> = tries.iter().map(|tried| tried.key).collect();
    let claims: Vec<Uuid> = tries.iter().map(|tried| tried.claim).collect();
    let oks: Vec<bool> = tries.iter().map(|tried| tried.said.ok).collect();
    let statuses: Vec<Option<i32>> = tries.iter().map(|tried| tried.said.status.map(i32::from)).collect();
    let answers: Vec<Option<String>> = tries.iter().map(|tried| tried.said.text()).collect();
    let took: Vec<i32> = tries.iter().map(|tried| tried.said.took_ms()).collect();
    let (states, waits): (Vec<&str>, Vec<i64>) = tries.iter().map(|tried| tried.fate.columns()).unzip();
    let statement = db.prepare_cached(MARK).await?;
    let rows = db.query(&statement, &[&keys, &claims, &oks, &statuses, &answers, &took, &states, &waits]).await?;
    rows.iter().map(|row| Ok(Told { sent: row.read::<&str>("state")? == "sent", took: row.read("took_s")? })).collect()
}

impl Fate {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Sent => ("sent", 0),
            Self::Again(wait) => ("pending", wait.as_millis() as i64),
            Self::Dead => ("dead", 0),
        }
    }
}

/// Tells a dead message of the organisation once more, as if it were new. Says whether there was one to tell.
pub async fn resend(db: &impl GenericClient, org: domain::ids::OrgId, key: i64) -> Result<bool, Error> {
    Ok(db.query_opt(&db.prepare_cached(RESEND).await?, &[&org.0, &key]).await?.is_some())
}

/// Removes what was told more than `days` ago of incidents that are over; digests after their members.
pub async fn forget(db: &impl GenericClient, days: i64) -> Result<u64, Error> {
    Ok(db.execute(&db.prepare_cached(FORGET).await?, &[&days]).await?)
}

#[cfg(test)]
mod tests {
    use deadpool_postgres::{Manager, Pool};
    use testbed::servers::{Postgres, Settings};

    use super::*;
    use crate::{deliveries, plans::migrate};

    /// Four incidents, told in two digests 91 days ago, each try logged: the first two are over, the others are not.
    const TOLD: &str = "
        insert into organisations (id, name) values ('00000000-0000-0000-0000-000000000001', 'o');
        insert into lanes select 0, 1700017199, 1700017000, 1700013600;
        insert into monitors (id, organisation, lane, name, url, interval, phase)
        select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 0, 'm', 'http://a.example/', 60, 0
        from generate_series(1, 4);
        insert into channels (id, organisation, kind, name, settings)
        values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'webhook', 'w', '{}');
        insert into outbox (change, channel, what, state, done_at)
        select 0, id, 'opened', 'sent', now() - interval '91 days' from channels, generate_series(1, 2);
        insert into incidents (id, organisation, kind, monitor, level, worst, opened_at, state, resolved_at)
        select gen_random_uuid(), organisation, 'availability', key, 'down', 'down', 1700000000,
               case when key < 3 then 'resolved' else 'open' end::incident_state, case when key < 3 then 1700000001 end
        from monitors;
        insert into outbox (incident, change, channel, what, state, digest, done_at)
        select i.id, 1, c.id, 'opened', 'sent', case when i.monitor < 3 then 1 else 2 end, now() - interval '91 days'
        from incidents i, channels c;
        insert into deliveries (channel, outbox, at, attempt, ok, took_ms)
        select channel, key, now() - interval '91 days', 1, true, 5 from outbox where digest is null;
        insert into deliveries (channel, attempt, ok, took_ms) select id, 1, true, 5 from channels;";

    #[tokio::test]
    async fn what_was_told_long_ago_of_what_is_over_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("outbox").unwrap();
        migrate(&postgres, "outbox");
        postgres.psql("outbox", TOLD).unwrap();
        let settings = postgres.url("outbox").parse().unwrap();
        let pool = Pool::builder(Manager::new(settings, tokio_postgres::NoTls)).build().unwrap();
        let db = pool.get().await.unwrap();
        assert_eq!(forget(&db, 92).await.unwrap(), 0);
        assert_eq!(forget(&db, 90).await.unwrap(), 2, "messages about what is over");
        assert_eq!(forget(&db, 90).await.unwrap(), 1, "their digest");
        assert_eq!(forget(&db, 90).await.unwrap(), 0, "the rest is about what is open");
        assert_eq!(deliveries::forget(&db, 90).await.unwrap(), 1, "one went with its digest");
        assert_eq!(postgres.psql("outbox", "select count(*) from deliveries").unwrap(), "1");
    }
}
