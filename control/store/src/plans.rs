//! What every statement touches on a large database: asked of PostgreSQL itself, with statistics and without, by plans made
//! for the values at hand and by plans made for any. Nothing reads a whole table that grows, but for those that have to.

mod examples;

use std::{collections::HashMap, fs, path::Path};

use testbed::servers::{Postgres, Settings};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::statement::{ALL, Statement};

use examples::{BOUNDS, EXAMPLES, MOST, READS_WHOLE, UNTIL_ANALYSED, usual};

const WITHOUT: &str = "without statistics";
/// A table with fewer rows may be scanned.
const SMALL: i64 = 1_000;

/// How many scans of each table went through it from end to end, and how many rows of tables and entries of indexes scans
/// brought up, by this session; triggers and the insides of functions included. Between two looks in one transaction only
/// what happened there is added.
const TOUCHED: &str = "
    select c.relname, case when c.relkind = 'r' then pg_stat_get_xact_numscans(c.oid) else 0 end,
           pg_stat_get_xact_tuples_returned(c.oid)
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i')
      and (pg_stat_get_xact_numscans(c.oid) > 0 or pg_stat_get_xact_tuples_returned(c.oid) > 0)";

/// Every migration, in order, on an empty database.
pub(super) fn migrate(postgres: &Postgres, database: &str) {
    let folder = fs::read_dir(testbed::root_dir().join("migrations")).unwrap();
    let mut files: Vec<_> =
        folder.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    for file in files {
        postgres.psql(database, &fs::read_to_string(file).unwrap()).unwrap();
    }
}

/// A database nobody has analysed yet, nor ever will by himself.
fn server(dir: &Path) -> Postgres {
    let parameters = [("autovacuum", "off"), ("max_wal_size", "4GB"), ("shared_buffers", "256MB")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let postgres = Postgres::start_with(dir, Settings { parameters, ..Settings::for_tests() }).unwrap();
    postgres.create_database("plans").unwrap();
    migrate(&postgres, "plans");
    postgres.psql("plans", include_str!("plans/crowd.sql")).unwrap();
    postgres
}

async fn connect(postgres: &Postgres) -> Client {
    let (client, connection) = tokio_postgres::connect(&postgres.url("plans"), NoTls).await.unwrap();
    tokio_util::task::TaskTracker::new().spawn(connection);
    client.batch_execute("set jit = off; set statement_timeout = '20s'").await.unwrap();
    client
}

/// What a statement did.
struct Done {
    plan: String,
    /// Tables read from end to end, with their rows.
    scanned: Vec<String>,
    rows: i64,
    buffers: i64,
}

async fn ask(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let answers = client.simple_query(sql).await.unwrap_or_else(|why| panic!("{sql}: {:?}", why.as_db_error()));
    let row = |row: &tokio_postgres::SimpleQueryRow| {
        (0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect()
    };
    let rows =
        answers.iter().filter_map(|answer| if let SimpleQueryMessage::Row(r) = answer { Some(row(r)) } else { None });
    rows.collect()
}

/// Carries a statement out, with what it touches, and takes it back.
async fn carry_out(client: &Client, sizes: &HashMap<String, i64>, statement: &Statement, values: &str) -> Done {
    let types = if statement.params.is_empty() { String::new() } else { format!("({})", statement.params.join(", ")) };
    ask(client, &format!("prepare asked {types} as {}", statement.sql)).await;
    let execute = if values.is_empty() { "execute asked".to_owned() } else { format!("execute asked ({values})") };
    ask(client, "begin").await;
    let before = touched(client).await;
    let plan = ask(client, &format!("explain (analyze, buffers, costs off, timing off) {execute}")).await;
    let after = touched(client).await;
    ask(client, "rollback; deallocate asked").await;
    let since = |name: &String, place: usize| after[name][place] - before.get(name).map_or(0, |counts| counts[place]);
    let is_large = |name: &&String| sizes.get(*name).is_some_and(|rows| *rows >= SMALL);
    let plan = plan.concat().join("\n");
    Done {
        scanned: after.keys().filter(|name| since(name, 0) > 0).filter(is_large).cloned().collect(),
        rows: after.keys().map(|name| since(name, 1)).sum(),
        buffers: plan.lines().find(|line| line.contains("Buffers:")).map_or(0, buffers),
        plan,
    }
}

/// See [`TOUCHED`]: scans and rows, by table or index.
async fn touched(client: &Client) -> HashMap<String, [i64; 2]> {
    let rows = ask(client, TOUCHED).await;
    rows.iter().map(|row| (row[0].clone(), [row[1].parse().unwrap(), row[2].parse().unwrap()])).collect()
}

/// Of `Buffers: shared hit=5 read=2 dirtied=1`, 7.
fn buffers(line: &str) -> i64 {
    let shared = line.split("temp").next().unwrap_or_default();
    let words = shared.split(' ').filter_map(|word| word.strip_prefix("hit=").or_else(|| word.strip_prefix("read=")));
    words.filter_map(|number| number.parse::<i64>().ok()).sum()
}

/// What is wrong with what a statement did.
fn faults(name: &str, done: &Done) -> Vec<String> {
    let listed = READS_WHOLE.iter().find(|(of, ..)| *of == name);
    let whole = listed.map_or(&[][..], |(_, tables, _)| tables);
    let mut faults = Vec::new();
    for table in &done.scanned {
        if !whole.iter().any(|allowed| table.starts_with(allowed)) {
            faults.push(format!("reads all of {table}"));
        }
    }
    if listed.is_none() && done.rows > MOST {
        faults.push(format!("touches {} rows", done.rows));
    }
    if let Some((_, most)) = BOUNDS.iter().find(|(of, most)| *of == name && done.buffers > *most) {
        faults.push(format!("touches {} buffers, more than {most}", done.buffers));
    }
    faults
}

async fn sizes(client: &Client) -> HashMap<String, i64> {
    let tables =
        ask(client, "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'").await;
    let mut sizes = HashMap::new();
    for table in tables {
        let count = ask(client, &format!("select count(*) from {}", table[0])).await;
        sizes.insert(table[0].clone(), count[0][0].parse().unwrap());
    }
    sizes
}

/// Every statement by both kinds of plan. Returns what is wrong, with the plans.
async fn all(client: &Client, sizes: &HashMap<String, i64>, when: &str) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        ask(client, &format!("set plan_cache_mode = {mode}")).await;
        for (file, statement) in ALL.iter().flat_map(|(file, all)| all.iter().map(move |each| (file, each))) {
            let name = format!("{file}::{}", statement.name);
            let values = EXAMPLES.iter().find(|(of, _)| *of == name).map_or_else(
                || statement.params.iter().map(|of| usual(of)).collect::<Vec<_>>().join(", "),
                |(_, values)| (*values).to_owned(),
            );
            let done = carry_out(client, sizes, statement, &values).await;
            if when == WITHOUT && UNTIL_ANALYSED.contains(&name.as_str()) {
                continue;
            }
            for fault in faults(&name, &done) {
                wrong.push((format!("{name}, {when}, {mode}: {fault}"), done.plan.clone()));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn no_statement_costs_more_than_it_has_to() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = server(dir.path());
    let client = connect(&postgres).await;
    let sizes = sizes(&client).await;
    let mut wrong = all(&client, &sizes, WITHOUT).await;
    client.batch_execute("vacuum analyze").await.unwrap();
    wrong.extend(all(&client, &sizes, "with statistics").await);
    let (faults, plans): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
    assert!(faults.is_empty(), "{}\n\n{}", faults.join("\n"), plans.join("\n\n"));
}

/// A list that names what is no more would hide what it was meant to allow.
#[test]
fn the_lists_name_statements_that_are() {
    let names: Vec<_> =
        ALL.iter().flat_map(|(file, all)| all.iter().map(move |each| format!("{file}::{}", each.name))).collect();
    let listed = EXAMPLES.iter().map(|(name, _)| name).chain(READS_WHOLE.iter().map(|(name, ..)| name));
    for name in listed.chain(UNTIL_ANALYSED).chain(BOUNDS.iter().map(|(name, _)| name)) {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}
