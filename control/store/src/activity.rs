//! What happened last to the incidents of an organisation.

use chrono::{DateTime, Utc};
use domain::{
    actor::Somebody,
    ids::OrgId,
    incident::{Kind, Level, What},
};
use uuid::Uuid;
use wire::{MonitorId, Region};

use super::{Error, GenericClient, incidents_read, statement::statements};

statements! {
    /// Nothing happens any more to an incident that is over: the newest ended ones and the open ones are all there is to
    /// look at.
    LATEST ("uuid", "int8") -> ("uuid", "timestamptz", "text", "text", "text", "uuid", "text", "text", "uuid", "bool", "text")
        "select i.id, t.at, t.what::text,
                case when t.data ->> 'status' in ('degraded', 'regional', 'down') then t.data ->> 'status' else i.worst::text end,
                i.kind::text, m.id, m.name, g.id, t.who, t.by_key, t.name
         from ((select * from incidents where organisation = $1 and state <> 'resolved')
               union all
               (select * from incidents where organisation = $1 and state = 'resolved'
                order by resolved_at desc limit $2)) i
         cross join lateral (select change from timeline where incident = i.id and what <> 'commented' offset 0) c
         cross join lateral (select * from timeline_shown where incident = i.id and change = c.change offset 0) t
         left join monitors m on m.key = i.monitor left join regions g on g.key = i.region
         order by t.at desc, i.id desc, t.change desc limit $2"
}

/// One transition of an incident.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Whose.
    pub incident: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: What,
    /// How bad it was then; of what is no change of level, how bad it was at its worst.
    pub level: Level,
    /// What it is about.
    pub kind: Kind,
    /// Which monitor, and its name.
    pub monitor: Option<(MonitorId, String)>,
    /// Which region.
    pub region: Option<Region>,
    /// Who did it; the machine where absent.
    pub who: Option<Somebody>,
}

/// The newest of them, at most `limit`, newest first. Comments are none.
pub async fn latest(db: &impl GenericClient, org: OrgId, limit: i64) -> Result<Vec<Happened>, Error> {
    let rows = db.query(&db.prepare_cached(LATEST).await?, &[&org.0, &limit]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Happened, Error> {
    let region = row.try_get::<_, Option<&str>>(7)?.map(str::parse).transpose();
    let monitor = row.try_get::<_, Option<Uuid>>(5)?.map(MonitorId);
    Ok(Happened {
        incident: row.try_get(0)?,
        at: row.try_get(1)?,
        what: row.try_get::<_, &str>(2)?.parse().map_err(|_| Error::Missing("word for what happened"))?,
        level: row.try_get::<_, &str>(3)?.parse().map_err(|_| Error::Missing("level word"))?,
        kind: row.try_get::<_, &str>(4)?.parse().map_err(|_| Error::Missing("kind word"))?,
        monitor: monitor.zip(row.try_get(6)?),
        region: region.map_err(|_| Error::Missing("region name"))?,
        who: incidents_read::somebody(row, 8)?,
    })
}
