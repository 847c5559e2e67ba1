//! Rows, read by the names of their columns, so that two columns of one type cannot be swapped unseen. Ids, keys and the
//! words of closed enums come out as what they are.
//!
//! A name is looked for among the columns at each read. That takes 11 ns where there are 22, so 2.4 ms for ten thousand such
//! rows: little beside what it takes to bring them here.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use domain::{
    alerting::Stage,
    api_key::{Act, Scope},
    ids::{ApiKeyId, ChannelId, OrgId, PolicyId, Role, SignInId, UserId},
    incident::{Closing, Kind, Level, State, What},
    keys::{Lane, MonitorKey, RegionKey},
    status::Status,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
pub(crate) use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;
use wire::{Diagnosis, MonitorId, Reason, Region, Verdict};

use super::{Error, Result};

/// Reads columns by their names.
pub(crate) trait Read {
    /// What the column holds.
    fn read<'r, T: Column<'r>>(&'r self, column: &'static str) -> Result<T>;

    /// What the JSON in a column of text says; `None` where there is none.
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>>;
}

impl Read for Row {
    fn read<'r, T: Column<'r>>(&'r self, column: &'static str) -> Result<T> {
        let undecodable = |why| Error::Undecodable { column, kind: T::KIND, why };
        let sql = self.try_get(column).map_err(|why| undecodable(reason(&why)))?;
        T::of_sql(sql).map_err(undecodable)
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<&str> = self.read(column)?;
        let read = text.map(serde_json::from_str).transpose();
        read.map_err(|why| Error::Undecodable { column, kind: "JSON", why: why.to_string() })
    }
}

/// The driver says at which place it failed, and why only when asked.
fn reason(why: &tokio_postgres::Error) -> String {
    std::error::Error::source(why).map_or_else(|| why.to_string(), ToString::to_string)
}

/// What a column may be read as.
pub(crate) trait Column<'r>: Sized {
    /// What it is called where it cannot be read.
    const KIND: &'static str;
    /// As PostgreSQL's driver has it.
    type Sql: FromSql<'r>;

    /// The same as what it is; an error, with what was found, where it is none. A newer version may have written that.
    fn of_sql(sql: Self::Sql) -> std::result::Result<Self, String>;
}

macro_rules! plain {
    ($($plain:ty),*) => {$(
        impl Column<'_> for $plain {
            const KIND: &'static str = stringify!($plain);
            type Sql = Self;
            fn of_sql(sql: Self) -> std::result::Result<Self, String> {
                Ok(sql)
            }
        }
    )*};
}

macro_rules! keys {
    ($($key:ident($plain:ty)),*) => {$(
        impl Column<'_> for $key {
            const KIND: &'static str = stringify!($key);
            type Sql = $plain;
            fn of_sql(sql: $plain) -> std::result::Result<Self, String> {
                Ok(Self(sql))
            }
        }
    )*};
}

macro_rules! words {
    ($($word:ident),*) => {$(
        impl<'r> Column<'r> for $word {
            const KIND: &'static str = stringify!($word);
            type Sql = &'r str;
            fn of_sql(sql: &'r str) -> std::result::Result<Self, String> {
                sql.parse().map_err(|_| format!("`{sql}`"))
            }
        }
    )*};
}

plain!(bool, i16, i32, i64, f64, String, Vec<u8>, Uuid, DateTime<Utc>, IpAddr, Value);
keys!(ApiKeyId(Uuid), ChannelId(Uuid), MonitorId(Uuid), OrgId(Uuid), PolicyId(Uuid), SignInId(Uuid), UserId(Uuid));
keys!(Lane(i16), MonitorKey(i32), RegionKey(i16));
words!(Act, Closing, Diagnosis, Kind, Level, Reason, Region, Role, Scope, Stage, State, Status, Verdict, What);

impl<'r> Column<'r> for &'r str {
    const KIND: &'static str = "text";
    type Sql = Self;
    fn of_sql(sql: Self) -> std::result::Result<Self, String> {
        Ok(sql)
    }
}

impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    const KIND: &'static str = T::KIND;
    type Sql = Option<T::Sql>;
    fn of_sql(sql: Self::Sql) -> std::result::Result<Self, String> {
        sql.map(T::of_sql).transpose()
    }
}

impl<'r, T: Column<'r>> Column<'r> for Vec<T> {
    const KIND: &'static str = T::KIND;
    type Sql = Vec<T::Sql>;
    fn of_sql(sql: Self::Sql) -> std::result::Result<Self, String> {
        sql.into_iter().map(T::of_sql).collect()
    }
}

#[cfg(test)]
mod tests {
    use testbed::servers::{Postgres, Settings};

    use super::*;

    const ROW: &str = "
        select 'down' as level, 'sideways' as worst, null::text as reason, array['eu', 'us'] as regions, array['eu', 'E U'] as odd,
               7 as monitor, '{\"failures\": 3}' as rules, '[' as broken, '\\x01'::bytea as sealed";

    #[tokio::test]
    async fn a_column_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        let (client, connection) =
            tokio_postgres::connect(&postgres.url("postgres"), tokio_postgres::NoTls).await.unwrap();
        let driving = tokio_util::task::TaskTracker::new().spawn(connection);
        let row = client.query_one(ROW, &[]).await.unwrap();

        assert_eq!(row.read::<Level>("level").unwrap(), Level::Down);
        assert_eq!(row.read::<Option<Reason>>("reason").unwrap(), None);
        assert_eq!(row.read::<Vec<Region>>("regions").unwrap(), ["eu".parse().unwrap(), "us".parse().unwrap()]);
        assert_eq!(row.read::<MonitorKey>("monitor").unwrap(), MonitorKey(7));
        assert_eq!(row.read::<Vec<u8>>("sealed").unwrap(), [1]);
        assert_eq!(row.json::<Value>("rules").unwrap(), Some(serde_json::json!({"failures": 3})));

        for (why, says) in [
            (row.read::<Level>("worst").map(drop), "column worst holds no Level: `sideways`"),
            (row.read::<Option<Level>>("worst").map(drop), "column worst holds no Level: `sideways`"),
            (row.read::<Vec<Region>>("odd").map(drop), "column odd holds no Region: `E U`"),
            (row.json::<Value>("broken").map(drop), "column broken holds no JSON: EOF"),
            (row.read::<String>("reason").map(drop), "column reason holds no String: a Postgres value was `NULL`"),
            (row.read::<i16>("monitor").map(drop), "column monitor holds no i16: cannot convert"),
            (row.read::<i32>("moniter").map(drop), "column moniter holds no i32: invalid column"),
        ] {
            let said = why.unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
        drop(client);
        driving.await.unwrap().unwrap();
    }
}
