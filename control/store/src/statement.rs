//! Statements as data: each store file declares its SQL once, with the types it counts on, and a test prepares them
//! all on the migrated database and compares.

/// One statement, and the PostgreSQL types its callers rely on.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement {
    /// Its constant's name.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) sql: &'static str,
    /// Types of `$1`, `$2`, ….
    pub(crate) params: &'static [&'static str],
    /// Names and types of the columns it answers.
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

/// `NAME (types of parameters) -> (columns and their types) "sql"`, any number of them.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident ($($param:literal),* $(,)?) -> ($($column:ident $type:literal),* $(,)?) $sql:literal)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*

        /// What this file asks of the database.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[$crate::statement::Statement] = &[
            $($crate::statement::Statement {
                name: stringify!($name), sql: $sql, params: &[$($param),*], columns: &[$((stringify!($column), $type)),*],
            },)*
        ];
    };
}

pub(crate) use statements;

/// All of them, by the file that declares them.
#[cfg(test)]
pub(super) const ALL: &[(&str, &[Statement])] = &[
    ("activity", super::activity::STATEMENTS),
    ("alerts", super::alerts::STATEMENTS),
    ("api_keys", super::api_keys::STATEMENTS),
    ("beats", super::beats::STATEMENTS),
    ("channels", super::channels::STATEMENTS),
    ("deliveries", super::deliveries::STATEMENTS),
    ("history", super::history::STATEMENTS),
    ("incidents", super::incidents::STATEMENTS),
    ("incidents_read", super::incidents_read::STATEMENTS),
    ("installation", super::installation::STATEMENTS),
    ("lanes", super::lanes::STATEMENTS),
    ("messages", super::messages::STATEMENTS),
    ("limits", super::limits::STATEMENTS),
    ("monitors", super::monitors::STATEMENTS),
    ("monitors_bulk", super::monitors_bulk::STATEMENTS),
    ("monitors_edit", super::monitors_edit::STATEMENTS),
    ("monitors_live", super::monitors_live::STATEMENTS),
    ("monitors_watched", super::monitors_watched::STATEMENTS),
    ("organisations", super::organisations::STATEMENTS),
    ("outbox", super::outbox::STATEMENTS),
    ("outcomes", super::outcomes::STATEMENTS),
    ("partitions", super::partitions::STATEMENTS),
    ("policies", super::policies::STATEMENTS),
    ("pulse", super::pulse::STATEMENTS),
    ("quota", super::quota::STATEMENTS),
    ("recipients", super::recipients::STATEMENTS),
    ("regions_list", super::regions_list::STATEMENTS),
    ("replicas", super::replicas::STATEMENTS),
    ("schedule", super::schedule::STATEMENTS),
    ("series", super::series::STATEMENTS),
    ("sign_ins", super::sign_ins::STATEMENTS),
    ("sign_ups", super::sign_ups::STATEMENTS),
    ("skips", super::skips::STATEMENTS),
    ("statuses", super::statuses::STATEMENTS),
    ("uptime", super::uptime::STATEMENTS),
    ("uptime_days", super::uptime_days::STATEMENTS),
    ("users", super::users::STATEMENTS),
    ("workers", super::workers::STATEMENTS),
];

#[cfg(test)]
mod reads;

#[cfg(test)]
mod tests {
    use testbed::servers::{Postgres, Settings};

    use super::ALL;

    /// A file that declares statements is on the list above.
    #[test]
    fn no_file_is_left_out() {
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let declares = std::fs::read_to_string(&path).unwrap().contains("\nstatements! {");
            assert_eq!(declares, ALL.iter().any(|(listed, _)| *listed == name), "{name}");
        }
    }

    #[tokio::test]
    async fn every_statement_has_the_columns_and_types_its_callers_count_on() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("statements").unwrap();
        crate::plans::migrate(&postgres, "statements");
        let (client, connection) =
            tokio_postgres::connect(&postgres.url("statements"), tokio_postgres::NoTls).await.unwrap();
        let driving = tokio_util::task::TaskTracker::new().spawn(connection);
        let mut wrong = Vec::new();
        for (file, statement) in ALL.iter().flat_map(|(file, all)| all.iter().map(move |each| (file, each))) {
            let at = format!("{file}::{}", statement.name);
            match client.prepare(statement.sql).await {
                Err(why) => wrong.push(format!("{at}: {why:?}")),
                Ok(prepared) => {
                    let params: Vec<_> = prepared.params().iter().map(tokio_postgres::types::Type::name).collect();
                    let columns: Vec<_> =
                        prepared.columns().iter().map(|column| (column.name(), column.type_().name())).collect();
                    if params != statement.params || columns != statement.columns {
                        wrong.push(format!("{at}: takes {params:?} and answers {columns:?}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        drop(client);
        driving.await.unwrap().unwrap();
    }
}
