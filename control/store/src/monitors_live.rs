//! All monitors of an organisation at once, as little of each as a list on a screen needs. Rows are lent out as they came
//! from PostgreSQL: at tens of thousands of them, copies are what takes time.

use std::str::FromStr;

use domain::{ids::OrgId, keys::RegionKey, status::Status};
use uuid::Uuid;

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    LIVE ("uuid", "text", "_text", "text", "int2", "text", "int8", "int8") ->
        (id "uuid", name "text", url "text", status "text", since "int8", reason "text", interval "int4", tags "_text",
         regions "_int2", incident "uuid", state "text", known "int8")
        "select m.id, m.name, m.url, s.status::text as status, s.since, s.reason::text as reason, m.interval, m.tags,
                m.regions, i.id as incident, i.state::text as state, k.known
         from monitors m join monitor_status s on s.monitor = m.key join lanes l on l.lane = m.lane
         cross join lateral (select known_up_to(s.status, s.since, l.heard, s.looked_at, m.interval) as known) k
         cross join lateral (
             select case when u.old then 'unknown' else s.status end as status, case when u.old then k.known else s.since end as since
             from (select is_unchecked(s.status, k.known, m.interval, $8) as old) u) shown
         left join (select distinct on (i.monitor) i.monitor, i.id, i.state from incidents i
                    where i.organisation = $1 and i.state <> 'resolved' and i.monitor is not null
                    order by i.monitor, i.level desc) i on i.monitor = m.key
         where m.organisation = $1 and m.deleted_at is null
           and ($2::text is null or strpos(lower(m.name), lower($2)) > 0 or strpos(lower(m.url), lower($2)) > 0)
           and ($3::text[] is null or shown.status::text = any ($3)) and ($4::text is null or $4 = any (m.tags))
           and ($5::int2 is null or m.regions is null or $5 = any (m.regions))
         order by
             case when $6 = 'severity' then
                 array_position('{down,regional,degraded,unknown,pending,up,maintenance,paused}'::status[], shown.status) end,
             case when $6 in ('severity', 'since') then shown.since when $6 = '-since' then -shown.since end,
             case when $6 <> '-since' then lower(m.name) collate \"C\" end, m.id
         limit $7"
}

/// In which order they come. What is alike in it comes by name, or by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Worst first, of these the one that is so the longest.
    #[default]
    Severity,
    /// By name, in any case.
    Name,
    /// Longest in its status first.
    Since,
    /// Changed last first.
    LatestSince,
}

impl Sort {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Severity, "severity"), (Self::Name, "name"), (Self::Since, "since"), (Self::LatestSince, "-since")];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("severity", |(_, word)| word)
    }
}

impl FromStr for Sort {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(_, word)| *word == text);
        found.map(|(sort, _)| sort).ok_or_else(|| format!("`{text}` is none of severity, name, since, -since"))
    }
}

/// Which monitors are shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With this text in name or URL, in any case.
    pub search: Option<String>,
    /// With one of these, as people see it.
    pub status: Option<Vec<Status>>,
    /// With this tag.
    pub tag: Option<String>,
    /// Checked from here.
    pub region: Option<RegionKey>,
}

/// A monitor, borrowed from its row.
#[derive(Clone, Debug)]
pub struct LiveRow<'r> {
    /// Its public id.
    pub id: Uuid,
    /// What people call it.
    pub name: &'r str,
    /// What is checked.
    pub url: &'r str,
    /// What was found last.
    pub status: Status,
    /// Since when, unix seconds.
    pub since: i64,
    /// Why it is not plainly up.
    pub reason: Option<&'r str>,
    /// Seconds.
    pub interval: i32,
    /// As given.
    pub tags: Vec<&'r str>,
    /// The chosen regions; absent for all.
    pub regions: Option<Vec<i16>>,
    /// Its worst open incident and the state of that.
    pub incident: Option<(Uuid, &'r str)>,
    /// Up to which second what regions report of it is stored.
    pub known: i64,
}

/// Rows as they came.
#[derive(Debug)]
pub struct LiveRows(Vec<Row>);

impl LiveRows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Result<LiveRow<'_>, Error>> {
        self.0.iter().map(read)
    }
}

/// The organisation's monitors that `filter` lets through at `now` (unix seconds), the first `limit` of them.
pub async fn all(
    db: &impl GenericClient,
    org: OrgId,
    filter: &Filter,
    sort: Sort,
    limit: i64,
    now: i64,
) -> Result<LiveRows, Error> {
    let Filter { search, status, tag, region } = filter;
    let status = status.as_ref().map(|all| all.iter().map(|each| each.as_str()).collect::<Vec<_>>());
    let statement = db.prepare_cached(LIVE).await?;
    let (region, sort) = (region.map(|key| key.0), sort.as_str());
    Ok(LiveRows(db.query(&statement, &[&org.0, search, &status, tag, &region, &sort, &limit, &now]).await?))
}

fn read(row: &Row) -> Result<LiveRow<'_>, Error> {
    let incident: Option<Uuid> = row.read("incident")?;
    Ok(LiveRow {
        id: row.read("id")?,
        name: row.read("name")?,
        url: row.read("url")?,
        status: row.read("status")?,
        since: row.read("since")?,
        reason: row.read("reason")?,
        interval: row.read("interval")?,
        tags: row.read("tags")?,
        regions: row.read("regions")?,
        incident: incident.zip(row.read("state")?),
        known: row.read("known")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_orders() {
        for (sort, word) in Sort::ALL {
            assert_eq!((word.parse(), sort.as_str()), (Ok(sort), word));
        }
        assert!("age".parse::<Sort>().is_err());
    }
}
