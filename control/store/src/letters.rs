//! What messages say: an incident, and the names people know its parts by.

use chrono::{DateTime, Utc};
use domain::message::{About, Ballot, Message, Monitor};
use serde_json::Value;
use uuid::Uuid;

use super::{Error, GenericClient, statement::statements};

statements! {
    /// Messages of these rows and of their members. Votes are those of the entry itself, else the last before it.
    OF ("_int8") ->
        ("int8", "int8", "int4", "uuid", "text", "timestamptz", "bool", "uuid", "text", "text", "text", "text", "bool",
         "text", "int8", "int8", "int8", "uuid", "text", "text", "text", "text", "text", "text", "jsonb")
        "select o.key, o.digest, o.change, o.channel, o.what::text, coalesce(t.at, o.created_at),
                o.what = 'resolved' and a.merged and not a.sent,
                i.id, i.kind::text, i.level::text, i.worst::text, i.state::text, i.flapping, i.reason::text,
                i.opened_at, i.acknowledged_at, i.resolved_at, m.id, m.name, m.url, r.id, g.name,
                t.name, coalesce(f.detail, t.data ->> 'detail'), v.regions
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
pub struct Written {
    /// The row that is claimed: its own, or its digest's.
    pub row: i64,
    /// What it says; an error where a newer version than this one wrote it.
    pub message: Result<Message, Error>,
}

/// The messages of claimed rows, those of digests in the order they were due.
pub async fn of(db: &impl GenericClient, rows: &[i64]) -> Result<Vec<Written>, Error> {
    let rows = db.query(&db.prepare_cached(OF).await?, &[&rows]).await?;
    let read = |row: &tokio_postgres::Row| {
        let own: i64 = row.try_get(0)?;
        Ok(Written { row: row.try_get::<_, Option<i64>>(1)?.unwrap_or(own), message: message(row) })
    };
    rows.iter().map(read).collect()
}

fn message(row: &tokio_postgres::Row) -> Result<Message, Error> {
    let (change, channel): (i32, Uuid) = (row.try_get(2)?, row.try_get(3)?);
    let at: DateTime<Utc> = row.try_get(5)?;
    let about = about(row)?;
    let key = format!("{}:{change}:{channel}", about.id);
    Ok(Message { key, change, what: word(row, 4, "happening")?, at, merged: row.try_get(6)?, about })
}

fn about(row: &tokio_postgres::Row) -> Result<About, Error> {
    let monitor = row.try_get::<_, Option<Uuid>>(17)?;
    let monitor = monitor.map(|id| Ok::<_, Error>(Monitor { id, name: row.try_get(18)?, url: row.try_get(19)? }));
    let reason = row.try_get::<_, Option<&str>>(13)?.map(str::parse).transpose();
    Ok(About {
        id: row.try_get(7)?,
        kind: word(row, 8, "incident kind")?,
        level: word(row, 9, "level")?,
        worst: word(row, 10, "level")?,
        state: word(row, 11, "incident state")?,
        flapping: row.try_get(12)?,
        reason: reason.map_err(|_| Error::Missing("reason word"))?,
        opened_at: row.try_get(14)?,
        acknowledged_at: row.try_get(15)?,
        resolved_at: row.try_get(16)?,
        monitor: monitor.transpose()?,
        region: row.try_get(20)?,
        organisation: row.try_get(21)?,
        by: row.try_get(22)?,
        detail: row.try_get(23)?,
        regions: ballots(row.try_get::<_, Option<Value>>(24)?.as_ref()),
    })
}

fn word<T: std::str::FromStr>(row: &tokio_postgres::Row, column: usize, what: &'static str) -> Result<T, Error> {
    row.try_get::<_, &str>(column)?.parse().map_err(|_| Error::Missing(what))
}

/// The votes of an explanation. What is none is left out: a message without them is still a message.
fn ballots(regions: Option<&Value>) -> Vec<Ballot> {
    let text = |vote: &Value, key: &str| vote[key].as_str().map(str::to_owned);
    let ballot = |vote: &Value| {
        let why = text(vote, "why").unwrap_or_default();
        Some(Ballot { region: text(vote, "region")?, vote: text(vote, "vote"), why })
    };
    regions.and_then(Value::as_array).into_iter().flatten().filter_map(ballot).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn votes_that_are_none_are_left_out() {
        let regions =
            json!([{"region": "eu", "vote": "down", "why": "connect"}, {"region": "us", "vote": null}, {}, 7]);
        let found = ballots(Some(&regions));
        let ballot = |region: &str, vote: Option<&str>, why: &str| Ballot {
            region: region.to_owned(),
            vote: vote.map(str::to_owned),
            why: why.to_owned(),
        };
        assert_eq!(found, [ballot("eu", Some("down"), "connect"), ballot("us", None, "")]);
        assert!(ballots(Some(&json!("no list"))).is_empty());
        assert!(ballots(None).is_empty());
    }
}
