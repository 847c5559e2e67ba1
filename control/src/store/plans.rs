//! History is looked up by key, never scanned for: asked of the planner itself, on partitions that hold something.

use std::fs;

use xtask::servers::{Postgres, Settings};

use super::{beats, history, monitors_watched, series, statement::Statement, uptime, uptime_days};

/// Two hundred monitors, three regions, six hours around a midnight; a check on request here and there.
const HISTORY: &str = "
    insert into organisations (id, name) values ('00000000-0000-0000-0000-000000000001', 'o');
    insert into lanes select 0, 1700017199, 1700017000, 1700013600;
    insert into regions (id, from_slot) values ('a', 0), ('b', 0), ('c', 0);
    insert into monitors (id, organisation, lane, name, url, interval, phase)
    select id, '00000000-0000-0000-0000-000000000001', 0, 'm', 'http://a.example/', 60, phase_of(id, 60)
    from (select gen_random_uuid() id from generate_series(1, 200)) u;
    insert into cadences (monitor, lane, interval, phase, from_slot)
    select key, 0, interval, phase, 1699995600 from monitors;
    select make_partitions(1699900000, 1700200000);
    insert into results (slot, monitor, region, attempt, verdict, started_ms)
    select slot, monitor, region, 0, 'up', 20 from expected(0::smallint, 1699995600, 1700017199);
    insert into results (slot, monitor, region, attempt, verdict)
    select 1700000000 + key * 3, key, 1, 255, 'up' from monitors";

/// Every migration, in order, on an empty database.
pub(super) fn migrate(postgres: &Postgres, database: &str) {
    let folder = fs::read_dir(xtask::root_dir().join("migrations")).unwrap();
    let mut files: Vec<_> =
        folder.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    for file in files {
        postgres.psql(database, &fs::read_to_string(file).unwrap()).unwrap();
    }
}

fn server(dir: &std::path::Path) -> Postgres {
    let postgres = Postgres::start_with(dir, Settings::for_tests()).unwrap();
    postgres.create_database("plans").unwrap();
    migrate(&postgres, "plans");
    postgres.psql("plans", HISTORY).unwrap();
    postgres.psql("plans", "vacuum analyze").unwrap();
    postgres
}

fn plan(postgres: &Postgres, mode: &str, statements: &[Statement], name: &str, values: &str) -> String {
    let statement = statements.iter().find(|statement| statement.name == name).unwrap();
    let types = statement.params.join(", ");
    let ask = format!(
        "set plan_cache_mode = {mode}; set jit = off; prepare asked ({types}) as {}; explain (analyze, costs off) execute asked ({values})",
        statement.sql
    );
    postgres.psql("plans", &ask).unwrap()
}

#[test]
fn no_partition_is_ever_scanned() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = server(dir.path());
    let all = "array(select key from monitors order by key limit 50)";
    let org = "'00000000-0000-0000-0000-000000000001'";
    let ids = all_of(&postgres, "array(select id from monitors order by key limit 50)");
    let since = "array_fill(1700016899::bigint, array[50])";
    for mode in ["force_custom_plan", "force_generic_plan"] {
        for (statements, name, values) in [
            (
                history::STATEMENTS,
                "PAGE",
                "7, 1699995600, 1700017199, 1700017200, 0::int2, 0::int2, null, null, 50".to_owned(),
            ),
            (
                history::STATEMENTS,
                "PAGE",
                "7, 1700010000, 1700017199, 1700017200, 0::int2, 0::int2, 1::int2, 'up', 50".to_owned(),
            ),
            (history::STATEMENTS, "LATEST", format!("{}, {since}, 1700017199", all_of(&postgres, all))),
            (
                history::STATEMENTS,
                "REQUESTED",
                "7, 1699995600, 1700017199, 1700017200, 0::int2, 0::int2, null, null, 50".to_owned(),
            ),
            (beats::STATEMENTS, "BEATS", format!("{org}, {ids}, 40, 1700017199")),
            (beats::STATEMENTS, "LAST", format!("{org}, {ids}, 1700017199")),
            (beats::STATEMENTS, "DAY", format!("{org}, {ids}, 1699930800")),
            (monitors_watched::STATEMENTS, "WORDS", format!("{}, 1700017199, 60", all_of(&postgres, all))),
            (series::STATEMENTS, "FINE", "7, 1699995600, 1700017199, 60, 1699995600, null".to_owned()),
            (uptime_days::STATEMENTS, "OF_MONITOR", "7, 1699412400".to_owned()),
            (uptime_days::STATEMENTS, "TAIL", org.to_owned()),
            (uptime::STATEMENTS, "OF", format!("{}, 1699930800, 1699412400, 1697425200", all_of(&postgres, all))),
        ] {
            let plan = plan(&postgres, mode, statements, name, &values);
            let scans = |line: &&str| {
                line.contains(" on results_") && !line.contains("Index") && !line.contains("never executed")
            };
            assert_eq!(plan.lines().filter(scans).collect::<Vec<_>>(), Vec::<&str>::new(), "{name} {mode}\n{plan}");
            assert!(plan.contains("Index Scan"), "{name} {mode} found nothing to look at:\n{plan}");
        }
    }
}

/// A subquery is no argument of `execute`: its value is.
fn all_of(postgres: &Postgres, array: &str) -> String {
    format!("'{}'", postgres.psql("plans", &format!("select {array}")).unwrap())
}
