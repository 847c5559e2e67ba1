//! Monitors by the hundred thousand, written straight into PostgreSQL, and what control's own metrics say of them.

use anyhow::{Context, Result};

use testbed::{http, system::TestSystem};

/// PostgreSQL as somebody with this load would run it; the rest is Debian's default.
pub(super) const POSTGRES: [(&str, &str); 3] =
    [("shared_buffers", "512MB"), ("max_wal_size", "4GB"), ("effective_cache_size", "4GB")];

/// Since when the schedule of new monitors is in force.
pub(super) enum Since {
    /// For ever: nobody is pushing yet.
    Always,
    /// From the next slot that is free to change, as an edit would be.
    Now,
}

/// Makes `count` monitors of `url`.
pub(super) fn make(system: &TestSystem, count: usize, interval: u32, url: &str, since: &Since) -> Result<()> {
    eprintln!("making {count} monitors at {interval} s");
    system.sql(&making(count, interval, url, since)).map(drop)
}

/// Pauses the `count` newest monitors that run.
pub(super) fn pause(system: &TestSystem, count: usize) -> Result<()> {
    system.sql(&pausing(count)).map(drop)
}

/// A thousand in a transaction, as the import does, so that no lane stands still for long.
fn making(count: usize, interval: u32, url: &str, since: &Since) -> String {
    let from = match since {
        Since::Always => "0",
        Since::Now => "next_free_slot(0::smallint)",
    };
    format!(
        "do $$
             declare org uuid := gen_random_uuid();
             begin
                 insert into organisations (id, name) values (org, 'bench');
                 for batch in 0..({count} - 1) / 1000 loop
                     perform lock_lane_shared(0::smallint);
                     with made as (
                         insert into monitors (id, organisation, lane, name, url, interval, phase)
                         select u.id, org, 0, 'site ' || u.n, '{url}', {interval}, phase_of(u.id, {interval})
                         from (select gen_random_uuid() as id, n
                               from generate_series(batch * 1000 + 1, least({count}, batch * 1000 + 1000)) n) u
                         returning key, lane, interval, phase
                     ), status as (
                         insert into monitor_status (monitor, status, since) select key, 'pending', 0 from made
                     )
                     insert into cadences (monitor, lane, interval, phase, from_slot)
                     select key, lane, interval, phase, {from} from made;
                     commit;
                 end loop;
             end $$"
    )
}

fn pausing(count: usize) -> String {
    format!(
        "do $$
         declare idle integer[];
         begin
             for batch in 0..({count} - 1) / 1000 loop
                 perform lock_lane_shared(0::smallint);
                 idle := array(select key from monitors where enabled order by key desc
                               limit least(1000, {count} - batch * 1000));
                 update monitors set enabled = false where key = any (idle);
                 perform reschedule(key) from unnest(idle) u (key);
                 commit;
             end loop;
         end $$"
    )
}

/// Lets PostgreSQL look at what it was given, as it would have by itself in the long run.
pub(super) fn settle(system: &TestSystem) -> Result<()> {
    system.sql("vacuum analyze")?;
    system.sql("checkpoint").map(drop)
}

/// The sum of a metric over its labels at an admin port; of those lines alone that have `label`, where one is given.
pub(super) fn metric(admin: &str, name: &str, label: &str) -> Result<f64> {
    let text = http::get(&format!("{admin}/metrics"))?;
    let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    let lines = text.lines().filter(of_name).filter(|line| line.contains(label));
    let values = lines.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()));
    values.sum::<Option<f64>>().with_context(|| format!("{name} at {admin}/metrics is no number"))
}

#[cfg(test)]
mod tests {
    use testbed::schema::Schema;

    use super::*;

    #[test]
    fn crowds_are_expected_as_the_product_expects() {
        let schema = Schema::new().unwrap();
        schema.ask("insert into lanes (lane, frontier, closed, summarised) values (0, 1000, 1000, 0)").unwrap();
        schema.ask("insert into regions (id, from_slot) values ('eu-west', 0)").unwrap();
        schema.ask(&making(2_500, 5, "http://127.0.0.1:9/", &Since::Always)).unwrap();
        let expected = "select count(*), count(distinct monitor) from expected(0::smallint, 901, 1000)";
        assert_eq!(schema.ask(expected).unwrap(), "50000|2500");
        schema.ask(&pausing(1_200)).unwrap();
        schema.ask("update lanes set frontier = 99999999999").unwrap();
        assert_eq!(schema.ask("select count(*) from monitors where enabled").unwrap(), "1300");
        let later = "select count(*) from expected(0::smallint, 9000000001, 9000000005)";
        assert_eq!(schema.ask(later).unwrap(), "1300");
        assert_eq!(schema.ask(expected).unwrap(), "50000|2500", "the past stays");
    }
}
