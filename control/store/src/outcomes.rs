//! Storing outcomes: binary `COPY`, and the slower statement for batches that hold something stored already.

use std::{collections::HashSet, net::IpAddr, pin::pin, time::Duration};

use domain::{
    keys::{Lane, MonitorKey, RegionKey},
    ledger::{Accepted, ResultKey},
};
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{Error, Read, Session, statement::statements};

const COPY: &str = "copy results (slot, monitor, region, attempt, verdict, reason, started_ms, resolve_us, connect_us, \
                    tls_us, processing_us, transfer_us, http_status, address, detail, suspect) from stdin binary";

/// Enums travel as their words.
const COLUMNS: [Type; 16] = [
    Type::INT8,
    Type::INT4,
    Type::INT2,
    Type::INT2,
    Type::TEXT,
    Type::TEXT,
    Type::INT4,
    Type::INT4,
    Type::INT4,
    Type::INT4,
    Type::INT4,
    Type::INT4,
    Type::INT2,
    Type::INET,
    Type::TEXT,
    Type::TEXT,
];

statements! {
    INSERT ("_int8", "_int4", "_int2", "_int2", "_text", "_text", "_int4", "_int4", "_int4", "_int4", "_int4", "_int4",
            "_int2", "_inet", "_text", "_text") -> (slot "int8", monitor "int4", region "int2", attempt "int2")
        "insert into results (slot, monitor, region, attempt, verdict, reason, started_ms, resolve_us, connect_us,
                              tls_us, processing_us, transfer_us, http_status, address, detail, suspect)
         select slot, monitor, region, attempt, verdict::verdict, reason::reason, started_ms, resolve_us, connect_us,
                tls_us, processing_us, transfer_us, http_status, address, detail, suspect::diagnosis
         from unnest($1::bigint[], $2::int[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::int[], $8::int[],
                     $9::int[], $10::int[], $11::int[], $12::int[], $13::smallint[], $14::inet[], $15::text[],
                     $16::text[])
            u (slot, monitor, region, attempt, verdict, reason, started_ms, resolve_us, connect_us, tls_us,
               processing_us, transfer_us, http_status, address, detail, suspect)
         on conflict do nothing
         returning slot, monitor, region, attempt"
    // Expected, less what is there: `except` reads the rows of these slots once, from the index, and never compares each
    // with each, whatever the planner thinks of how many are expected.
    CLOSE ("int2", "int8", "int8") -> (slot "int8", monitor "int4", region "int2")
        "with skipped as materialized (
             select * from skips where lane = $1 and from_slot <= $3 and to_slot >= $2)
         insert into results (slot, monitor, region, attempt, verdict, reason)
         select e.slot, e.monitor, e.region, 0, 'missed', coalesce(
             (select s.reason from skipped s
              where e.slot between s.from_slot and s.to_slot order by s.from_slot limit 1), 'no_probe')
         from (select slot, monitor, region from expected($1, $2, $3)
               except
               select slot, monitor, region from results where slot between $2 and $3 and attempt = 0) e
         returning slot, monitor, region"
}

/// What became of a batch.
pub enum Stored {
    /// Every row is new.
    All,
    /// These are new; the others were stored before.
    Only(HashSet<ResultKey>),
}

impl Stored {
    /// Whether the row of this key is.
    pub fn is_new(&self, key: &ResultKey) -> bool {
        match self {
            Self::All => true,
            Self::Only(keys) => keys.contains(key),
        }
    }
}

/// Stores a batch inside the open transaction. One row that is there already sends the batch down the slow path.
pub async fn store(session: &Session, batch: &[Accepted]) -> Result<Stored, Error> {
    if batch.is_empty() {
        return Ok(Stored::All);
    }
    match copy(session, batch).await {
        Err(why) if why.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            session.back().await?;
            Ok(Stored::Only(insert(session, batch).await?))
        }
        other => other.map(|()| Stored::All).map_err(Error::from),
    }
}

async fn copy(session: &Session, batch: &[Accepted]) -> Result<(), tokio_postgres::Error> {
    let sink = session.client().copy_in(COPY).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &COLUMNS));
    for accepted in batch {
        let row = Row::from(accepted);
        let values: [&(dyn ToSql + Sync); 16] = [
            &row.slot,
            &row.monitor,
            &row.region,
            &row.attempt,
            &row.verdict,
            &row.reason,
            &row.started_ms,
            &row.phases[0],
            &row.phases[1],
            &row.phases[2],
            &row.phases[3],
            &row.phases[4],
            &row.http_status,
            &row.address,
            &row.detail,
            &row.suspect,
        ];
        writer.as_mut().write(&values).await?;
    }
    writer.finish().await?;
    Ok(())
}

fn column<'a, T>(rows: &'a [Row<'a>], of: impl Fn(&Row<'a>) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

async fn insert(session: &Session, batch: &[Accepted]) -> Result<HashSet<ResultKey>, Error> {
    let rows: Vec<_> = batch.iter().map(Row::from).collect();
    let phase = |place: usize| column(&rows, |row| row.phases[place]);
    let inserted = session
        .query(
            INSERT,
            &[
                &column(&rows, |row| row.slot),
                &column(&rows, |row| row.monitor),
                &column(&rows, |row| row.region),
                &column(&rows, |row| row.attempt),
                &column(&rows, |row| row.verdict),
                &column(&rows, |row| row.reason),
                &column(&rows, |row| row.started_ms),
                &phase(0),
                &phase(1),
                &phase(2),
                &phase(3),
                &phase(4),
                &column(&rows, |row| row.http_status),
                &column(&rows, |row| row.address),
                &column(&rows, |row| row.detail),
                &column(&rows, |row| row.suspect),
            ],
        )
        .await?;
    inserted
        .iter()
        .map(|row| Ok((row.read("slot")?, row.read("monitor")?, row.read("region")?, row.read("attempt")?)))
        .collect()
}

/// Gives every expected slot from `from` to `to` that has no row one that says it was missed. Returns those.
pub async fn close(
    session: &Session,
    lane: Lane,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, MonitorKey, RegionKey)>, Error> {
    let rows = session.query(CLOSE, &[&lane.0, &from, &to]).await?;
    rows.iter().map(|row| Ok((row.read("slot")?, row.read("monitor")?, row.read("region")?))).collect()
}

/// An accepted outcome as its columns.
struct Row<'a> {
    slot: i64,
    monitor: i32,
    region: i16,
    attempt: i16,
    verdict: &'static str,
    reason: Option<&'static str>,
    /// Milliseconds after the slot.
    started_ms: Option<i32>,
    /// Microseconds.
    phases: [Option<i32>; 5],
    http_status: Option<i16>,
    address: Option<IpAddr>,
    detail: Option<&'a str>,
    suspect: Option<&'static str>,
}

impl<'a> From<&'a Accepted> for Row<'a> {
    fn from(accepted: &'a Accepted) -> Self {
        let outcome = &accepted.outcome;
        let micros = |phase: Duration| i32::try_from(phase.as_micros()).unwrap_or(i32::MAX);
        let started = outcome.started_ms - outcome.slot * 1000;
        Self {
            slot: outcome.slot,
            monitor: accepted.monitor.0,
            region: accepted.region.0,
            attempt: accepted.row_attempt(),
            verdict: outcome.verdict.as_str(),
            reason: outcome.reason.map(wire::Reason::as_str),
            started_ms: i32::try_from(started).ok(),
            phases: outcome.phases.named().map(|(_, phase)| phase.map(micros)),
            http_status: outcome.http_status.and_then(|status| i16::try_from(status).ok()),
            address: outcome.address,
            detail: outcome.detail.as_deref(),
            suspect: outcome.suspect.map(wire::Diagnosis::as_str),
        }
    }
}
