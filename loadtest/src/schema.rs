//! The real schema on a private PostgreSQL, for tests of the SQL written here.

use std::fs;

use tempfile::TempDir;
use xtask::servers::{Postgres, Settings};

/// A server with every migration applied, gone when dropped.
pub(crate) struct Schema {
    postgres: Postgres,
    _folder: TempDir,
}

impl Schema {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(folder.path(), Settings::for_tests()).unwrap();
        postgres.create_database("schema").unwrap();
        let schema = Self { postgres, _folder: folder };
        let files = fs::read_dir(xtask::root_dir().join("migrations")).unwrap().flatten();
        let mut files: Vec<_> =
            files.map(|file| file.path()).filter(|file| file.extension().is_some_and(|it| it == "sql")).collect();
        files.sort_by_key(|file| number(file.file_name().unwrap().to_str().unwrap()));
        for file in files {
            schema.ask(&fs::read_to_string(file).unwrap()).unwrap();
        }
        schema
    }

    pub(crate) fn ask(&self, sql: &str) -> anyhow::Result<String> {
        self.postgres.psql("schema", sql)
    }
}

/// Of `V12__create_sites.sql`: 12.
fn number(name: &str) -> u32 {
    name[1..].split_once("__").unwrap().0.parse().unwrap()
}
