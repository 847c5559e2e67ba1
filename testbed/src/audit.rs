//! The audit of slots, in SQL: what was expected up to `closed`, beside what is stored. It does not know why a slot was
//! missed, nor what may be.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// Every attempt-0 row and every expected slot, side by side. Slots after a lane's `closed` are not judged yet.
const COMPARED: &str = "
with e as (
    select e.slot, e.monitor, e.region, count(*) as times
    from lanes l cross join lateral expected(l.lane, (select min(from_slot) from cadences), l.closed) e
    group by 1, 2, 3
), r as (
    select r.slot, r.monitor, r.region, count(*) as times
    from results r join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
    where r.attempt = 0 and r.slot <= l.closed
    group by 1, 2, 3
), compared as (
    select slot, monitor, region, coalesce(e.times, 0) as expected, coalesce(r.times, 0) as stored
    from e full join r using (slot, monitor, region)
)";

/// What the audit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Slots that had to have a row.
    pub expected: i64,
    /// Rows of attempt 0.
    pub stored: i64,
    /// Expected slots without a row.
    pub lost: i64,
    /// Rows that are not expected, or stored twice.
    pub doubled: i64,
}

/// Adds everything up. `ask` runs SQL and answers rows as lines, columns separated by `|`.
pub fn totals(ask: impl Fn(&str) -> Result<String>) -> Result<Totals> {
    let row = ask(&format!(
        "{COMPARED} select coalesce(sum(expected), 0), coalesce(sum(stored), 0), count(*) filter (where stored = 0),
                coalesce(sum(greatest(stored - 1, 0) + greatest(expected - 1, 0)) filter (where expected > 0), 0)
                + coalesce(sum(stored) filter (where expected = 0), 0)
         from compared"
    ))?;
    let numbers = row.split('|').map(str::parse).collect::<Result<Vec<i64>, _>>();
    let numbers = numbers.ok().and_then(|numbers| numbers.try_into().ok());
    let [expected, stored, lost, doubled] = numbers.with_context(|| format!("the audit says: {row}"))?;
    Ok(Totals { expected, stored, lost, doubled })
}

/// Slots that are not expected and stored exactly once, as `slot|monitor|region|expected|stored`; at most `limit`.
pub fn wrong(ask: impl Fn(&str) -> Result<String>, limit: usize) -> Result<Vec<String>> {
    let sql = format!(
        "{COMPARED} select * from compared where expected <> 1 or stored <> 1 order by slot, monitor, region limit {limit}"
    );
    Ok(ask(&sql)?.lines().map(str::to_owned).collect())
}

/// How many rows of attempt 0 there are up to `closed`, by `what`: SQL about a result `r` and its region `g`.
pub fn rows(ask: impl Fn(&str) -> Result<String>, what: &str) -> Result<BTreeMap<String, i64>> {
    let rows = ask(&format!(
        "select {what}, count(*) from results r join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
         join regions g on g.key = r.region where r.attempt = 0 and r.slot <= l.closed group by 1 order by 1"
    ))?;
    let read =
        |row: &str| row.rsplit_once('|').and_then(|(words, count)| Some((words.to_owned(), count.parse().ok()?)));
    rows.lines().map(read).collect::<Option<_>>().with_context(|| format!("not `words|count`: {rows}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{LEDGER, Schema};

    #[test]
    fn slots_are_counted_on_the_real_schema() {
        let schema = Schema::new().unwrap();
        let ask = |sql: &str| schema.ask(sql);
        ask(LEDGER).unwrap();
        assert_eq!(totals(ask).unwrap(), Totals { expected: 4, stored: 4, lost: 0, doubled: 0 });
        assert_eq!(wrong(ask, 20).unwrap(), [""; 0]);
        let verdicts = rows(ask, "g.id || ' ' || r.verdict").unwrap();
        assert_eq!((verdicts["eu-west up"], verdicts["eu-west missed"]), (2, 1));
        ask("delete from results where slot = 100; insert into results values (101, 1, 1, 0, 'up')").unwrap();
        assert_eq!(totals(ask).unwrap(), Totals { expected: 4, stored: 4, lost: 1, doubled: 1 });
        assert_eq!(wrong(ask, 20).unwrap(), ["100|1|1|1|0", "101|1|1|0|1"]);
        ask("insert into cadences (monitor, lane, interval, phase, from_slot) values (1, 0, 10, 0, 125)").unwrap();
        assert_eq!(totals(ask).unwrap().doubled, 2, "a slot that two cadences expect");
    }
}
