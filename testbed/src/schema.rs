//! The real schema on a private PostgreSQL, for tests of SQL.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::servers::{Postgres, Settings};

/// A monitor at 10 s and one region, slots 100, 110, 120 and 130 due and closed.
pub const LEDGER: &str = "
    insert into lanes (lane, frontier, closed, summarised) values (0, 139, 130, 0);
    insert into regions (id, from_slot) values ('eu-west', 0);
    insert into organisations (id, name) values (gen_random_uuid(), 'x');
    insert into monitors (id, organisation, lane, name, url, interval, phase)
        select gen_random_uuid(), id, 0, 'm', 'http://a.example/', 10, 0 from organisations;
    insert into cadences (monitor, lane, interval, phase, from_slot) values (1, 0, 10, 0, 95);
    select make_partitions(0, 1000);
    insert into results (slot, monitor, region, attempt, verdict, reason) values
        (100, 1, 1, 0, 'up', null), (110, 1, 1, 0, 'missed', 'no_probe'), (120, 1, 1, 0, 'down', 'connect'),
        (120, 1, 1, 255, 'up', null), (130, 1, 1, 0, 'up', null)";

const DATABASE: &str = "schema";

/// A server with every migration applied, gone when dropped.
pub struct Schema {
    postgres: Postgres,
    _folder: TempDir,
}

impl Schema {
    /// Starts the server and applies the migrations in their order.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let postgres = Postgres::start_with(folder.path(), Settings::for_tests())?;
        postgres.create_database(DATABASE)?;
        let schema = Self { postgres, _folder: folder };
        let files = fs::read_dir(crate::root_dir().join("migrations"))?.flatten().map(|file| file.path());
        let numbered = files.filter_map(|file| Some((number(&file)?, file)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort();
        for (_, file) in numbered {
            schema.ask(&fs::read_to_string(&file)?).with_context(|| file.display().to_string())?;
        }
        Ok(schema)
    }

    /// Runs SQL; rows are lines, columns separated by `|`.
    pub fn ask(&self, sql: &str) -> Result<String> {
        self.postgres.psql(DATABASE, sql)
    }
}

/// Of `V12__create_sites.sql`: 12; nothing of other files.
fn number(file: &Path) -> Option<u32> {
    file.file_name()?.to_str()?.strip_suffix(".sql")?.strip_prefix('V')?.split_once("__")?.0.parse().ok()
}
