//! What messages say: an incident, and the names people know its parts by.

use domain::{
    ids::ChannelId,
    message::{About, Message, Monitor, RegionVote},
};
use serde_json::Value;
use wire::MonitorId;

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    /// Messages of these rows and of their members. Votes are those of the entry itself, else the last before it.
    OF ("_int8") ->
        (key "int8", digest "int8", change "int4", channel "uuid", what "text", at "timestamptz", merged "bool",
         closed "text",
         id "uuid", kind "text", level "text", worst "text", state "text", flapping "bool", reason "text",
         opened_at "int8", acknowledged_at "int8", resolved_at "int8", monitor "uuid", monitor_name "text", url "text",
         region "text", organisation "text", by "text", detail "text", regions "jsonb")
        "select o.key, o.digest, o.change, o.channel, o.what::text as what, coalesce(t.at, o.created_at) as at,
                o.what = 'resolved' and a.merged and not a.sent as merged, t.data ->> 'closed' as closed,
                i.id, i.kind::text as kind, i.level::text as level, i.worst::text as worst, i.state::text as state,
                i.flapping, i.reason::text as reason, i.opened_at, i.acknowledged_at, i.resolved_at, m.id as monitor,
                m.name as monitor_name, m.url, r.id as region, g.name as organisation, t.name as by,
                coalesce(f.detail, t.data ->> 'detail') as detail, v.regions
         from (select * from outbox where key = any ($1)
               union all select * from outbox where digest = any ($1)) o
         cross join lateral (select * from incidents where id = o.incident offset 0) i
         join organisations g on g.id = i.organisation
         left join monitors m on m.key = i.monitor
         left join regions r on r.key = i.region
         left join timeline_shown t on t.incident = o.incident and t.change = o.change
         left join lateral (select f.detail from incident_failures f where f.incident = i.id
                            order by f.slot, f.attempt limit 1) f on true
         left join lateral (select v.data -> 'regions' as regions from timeline v
                            where v.incident = o.incident and v.change <= o.change and v.data ? 'regions'
                            order by v.change desc limit 1) v on true
         cross join lateral (
             select coalesce(bool_or(told.state = 'sent'), false) as sent,
                    coalesce(bool_or(told.state = 'merged'), false) as merged
             from outbox told
             where told.incident = o.incident and told.channel = o.channel and told.change < o.change
               and told.what in ('opened', 'escalated')) a
         order by o.due_at, o.key"
}

/// A message, the row it is told with, and whether it could be read.
#[derive(Debug)]
pub struct OutboxMessage {
    /// The row that is claimed: its own, or its digest's.
    pub row: i64,
    /// What it says; an error where a newer version than this one wrote it.
    pub message: Result<Message, Error>,
}

/// The messages of claimed rows, those of digests in the order they were due.
pub async fn of(db: &impl GenericClient, rows: &[i64]) -> Result<Vec<OutboxMessage>, Error> {
    let rows = db.query(&db.prepare_cached(OF).await?, &[&rows]).await?;
    let read = |row: &Row| {
        let (own, digest): (i64, Option<i64>) = (row.read("key")?, row.read("digest")?);
        Ok(OutboxMessage { row: digest.unwrap_or(own), message: message(row) })
    };
    rows.iter().map(read).collect()
}

fn message(row: &Row) -> Result<Message, Error> {
    let (change, channel): (i32, ChannelId) = (row.read("change")?, row.read("channel")?);
    let about = about(row)?;
    let key = format!("{}:{change}:{channel}", about.id);
    Ok(Message {
        key,
        change,
        what: row.read("what")?,
        at: row.read("at")?,
        merged: row.read("merged")?,
        closed: row.read("closed")?,
        about,
    })
}

fn about(row: &Row) -> Result<About, Error> {
    let monitor: Option<MonitorId> = row.read("monitor")?;
    let named = |MonitorId(id)| Ok::<_, Error>(Monitor { id, name: row.read("monitor_name")?, url: row.read("url")? });
    Ok(About {
        id: row.read("id")?,
        kind: row.read("kind")?,
        level: row.read("level")?,
        worst: row.read("worst")?,
        state: row.read("state")?,
        flapping: row.read("flapping")?,
        reason: row.read("reason")?,
        opened_at: row.read("opened_at")?,
        acknowledged_at: row.read("acknowledged_at")?,
        resolved_at: row.read("resolved_at")?,
        monitor: monitor.map(named).transpose()?,
        region: row.read("region")?,
        organisation: row.read("organisation")?,
        by: row.read("by")?,
        detail: row.read("detail")?,
        regions: region_votes(row.read::<Option<Value>>("regions")?.as_ref()),
    })
}

/// The votes of an explanation. What is none is left out: a message without them is still a message.
fn region_votes(regions: Option<&Value>) -> Vec<RegionVote> {
    let text = |vote: &Value, key: &str| vote[key].as_str().map(str::to_owned);
    let region_vote = |vote: &Value| {
        let why = text(vote, "why").unwrap_or_default();
        Some(RegionVote { region: text(vote, "region")?, vote: text(vote, "vote"), why })
    };
    regions.and_then(Value::as_array).into_iter().flatten().filter_map(region_vote).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn votes_that_are_none_are_left_out() {
        let regions =
            json!([{"region": "eu", "vote": "down", "why": "connect"}, {"region": "us", "vote": null}, {}, 7]);
        let found = region_votes(Some(&regions));
        let region_vote = |region: &str, vote: Option<&str>, why: &str| RegionVote {
            region: region.to_owned(),
            vote: vote.map(str::to_owned),
            why: why.to_owned(),
        };
        assert_eq!(found, [region_vote("eu", Some("down"), "connect"), region_vote("us", None, "")]);
        assert!(region_votes(Some(&json!("no list"))).is_empty());
        assert!(region_votes(None).is_empty());
    }
}
