//! The monitors of an organisation that are checked, and the latest word of each region on them, for its Prometheus. Slots
//! are computed, and each is looked up by the primary key of the results: `offset 0` keeps the planner from joining whole
//! partitions instead.

use std::collections::HashMap;

use domain::{
    ids::OrgId,
    keys::MonitorKey,
    schedule::SILENT_AFTER,
    watched::{Allowance, Watched, Word},
};

use super::{Error, GenericClient, Read, Row, history::phases_us, statement::statements};

statements! {
    /// The oldest monitors that together have room: each is reckoned with `$3` series, and `$4` for each of its regions, of
    /// `$5`. `$2`: now, unix seconds. `series`: what those up to here are reckoned with; `unchecked`: whether nobody
    /// looked for so long, as far as their lane knows, that no region's word on them is worth telling.
    WATCHED ("uuid", "int8", "int8", "int8", "int8") ->
        (key "int4", id "uuid", name "text", url "text", cert_not_after "int8", series "int8", unchecked "bool")
        "select m.key, m.id, m.name, m.url, s.cert_not_after, m.series,
                is_unchecked('up', known_up_to('up', 0, l.heard, s.looked_at, m.interval), m.interval, $2) as unchecked
         from (select m.*, sum($3::int8 + $4::int8 * coalesce(cardinality(m.regions), r.all)) over (order by m.key)::int8 as series
               from monitors m, (select count(*) as all from regions where from_slot <= $2 and to_slot >= $2) r
               where m.organisation = $1 and m.deleted_at is null and m.enabled) m
         join monitor_status s on s.monitor = m.key join lanes l on l.lane = m.lane
         where m.series <= $5 order by m.key"
    /// The series all of them are reckoned with.
    RECKONED ("uuid", "int8", "int8", "int8") -> (reckoned "int8")
        "select coalesce(sum($3::int8 + $4::int8 * coalesce(cardinality(m.regions), r.all)), 0)::int8 as reckoned
         from monitors m, (select count(*) as all from regions where from_slot <= $2 and to_slot >= $2) r
         where m.organisation = $1 and m.deleted_at is null and m.enabled"
    /// The newest row of each region that looks at a monitor, of its last slots: those of `$4` intervals and `$3` seconds.
    /// What people asked for is left out: its slots are none of the schedule.
    WORDS ("_int4", "int8", "int8", "int4") ->
        (key "int4", region "int2", verdict "text", reason "text", is_suspect "bool", resolve_us "int4",
         connect_us "int4", tls_us "int4", processing_us "int4", transfer_us "int4", http_status "int2")
        "select m.key, r.region, r.verdict::text as verdict, r.reason::text as reason, r.suspect is not null as is_suspect,
                r.resolve_us, r.connect_us, r.tls_us, r.processing_us, r.transfer_us, r.http_status
         from unnest($1::int[]) k (key) join monitors m on m.key = k.key
         cross join lateral (
             select c.from_slot, c.interval, $2::int8 - ($2::int8 - c.phase) % c.interval as last from cadences c
             where c.monitor = m.key and c.from_slot <= $2 and c.to_slot >= $2 limit 1) c
         cross join lateral (
             select distinct on (x.region) x.*
             from generate_series(c.last, greatest(c.from_slot, $2::int8 - $4::int4 * c.interval - $3::int8), -c.interval) s (slot)
             cross join lateral (
                 select r.* from results r
                 where r.slot = s.slot and r.monitor = m.key and r.attempt < 255
                   and (m.regions is null or r.region = any (m.regions)) offset 0) x
             order by x.region, x.slot desc, x.attempt desc) r"
}

/// Seconds beyond [`SILENT_AFTER`] intervals until the latest word of a region is too old to be told: it may come late.
const GRACE: i64 = 60;

/// The organisation's monitors that are checked, oldest first, as many as `allowance` has room for, and how many series
/// those beyond it are reckoned with. `now`: unix seconds.
pub async fn all(
    db: &impl GenericClient,
    org: OrgId,
    allowance: Allowance,
    now: i64,
) -> Result<(Vec<Watched>, i64), Error> {
    let Allowance { of_monitor, of_region, most } = allowance;
    let (watched, reckoned) = (db.prepare_cached(WATCHED).await?, db.prepare_cached(RECKONED).await?);
    let rows = db.query(&watched, &[&org.0, &now, &of_monitor, &of_region, &most]).await?;
    let reckoned: i64 = db.query_one(&reckoned, &[&org.0, &now, &of_monitor, &of_region]).await?.read("reckoned")?;
    let shown: i64 = rows.last().map_or(Ok(0), |row| row.read("series"))?;
    let mut words = words(db, &checked(&rows)?, now).await?;
    let monitors = rows.iter().map(|row| {
        let key: MonitorKey = row.read("key")?;
        Ok(Watched {
            id: row.read("id")?,
            name: row.read("name")?,
            url: row.read("url")?,
            cert_not_after: row.read("cert_not_after")?,
            words: words.remove(&key).unwrap_or_default(),
        })
    });
    let monitors = monitors.collect::<Result<Vec<_>, Error>>()?;
    Ok((monitors, reckoned - shown))
}

/// Those that were checked lately, as far as their lanes can tell.
fn checked(rows: &[Row]) -> Result<Vec<i32>, Error> {
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        if !row.read::<bool>("unchecked")? {
            keys.push(row.read("key")?);
        }
    }
    Ok(keys)
}

async fn words(db: &impl GenericClient, keys: &[i32], now: i64) -> Result<HashMap<MonitorKey, Vec<Word>>, Error> {
    let rows = db.query(&db.prepare_cached(WORDS).await?, &[&keys, &now, &GRACE, &SILENT_AFTER]).await?;
    let mut words: HashMap<_, Vec<_>> = HashMap::with_capacity(keys.len());
    for row in &rows {
        words.entry(row.read("key")?).or_default().push(word(row)?);
    }
    Ok(words)
}

fn word(row: &Row) -> Result<Word, Error> {
    Ok(Word {
        region: row.read("region")?,
        verdict: row.read("verdict")?,
        reason: row.read("reason")?,
        is_suspect: row.read("is_suspect")?,
        phases_us: phases_us(row)?,
        http_status: row.read("http_status")?,
    })
}
