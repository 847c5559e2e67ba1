//! What happened last to the incidents of an organisation.

use chrono::{DateTime, Utc};
use domain::{
    actor::Somebody,
    ids::OrgId,
    incident::{Kind, Level, What},
};
use uuid::Uuid;
use wire::{MonitorId, Region};

use super::{Error, GenericClient, Read, Row, incidents_read, statement::statements};

statements! {
    /// Nothing happens any more to an incident that is over: the newest ended ones and the open ones are all there is to
    /// look at.
    LATEST ("uuid", "int8") ->
        (id "uuid", at "timestamptz", what "text", level "text", kind "text", monitor "uuid", monitor_name "text",
         region "text", who "uuid", by_key "bool", name "text")
        "select i.id, t.at, t.what::text as what,
                case when t.data ->> 'status' in ('degraded', 'regional', 'down') then t.data ->> 'status' else i.worst::text end as level,
                i.kind::text as kind, m.id as monitor, m.name as monitor_name, g.id as region, t.who, t.by_key, t.name
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

fn read(row: &Row) -> Result<Happened, Error> {
    let monitor: Option<MonitorId> = row.read("monitor")?;
    Ok(Happened {
        incident: row.read("id")?,
        at: row.read("at")?,
        what: row.read("what")?,
        level: row.read("level")?,
        kind: row.read("kind")?,
        monitor: monitor.zip(row.read("monitor_name")?),
        region: row.read("region")?,
        who: incidents_read::somebody(row)?,
    })
}
