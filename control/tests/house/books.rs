//! The audit: what was expected up to `closed`, beside what is stored. Every promise ends in it.

use std::collections::BTreeMap;

use super::House;

/// Slots that are wrong, with how often each is expected and stored: without a row, not expected, or twice.
const WRONG: &str = "
with e as (
    select e.slot, e.monitor, e.region, count(*) as times
    from lanes l cross join lateral expected(l.lane, (select min(from_slot) from cadences), l.closed) e
    group by 1, 2, 3
), r as (
    select r.slot, r.monitor, r.region, count(*) as times
    from results r join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
    where r.attempt = 0 and r.slot <= l.closed
    group by 1, 2, 3
)
select slot, monitor, region, coalesce(e.times, 0), coalesce(r.times, 0)
from e full join r using (slot, monitor, region)
where e.times is distinct from 1 or r.times is distinct from 1 order by 1, 2, 3 limit 30";

/// Attempt-0 rows up to `closed`, in words: `us-east up`, `eu-west missed (late)`.
const ROWS: &str = "
select g.id || ' ' || r.verdict || coalesce(' (' || r.reason || ')', ''), count(*)
from results r join regions g on g.key = r.region join monitors m on m.key = r.monitor join lanes l on l.lane = m.lane
where r.attempt = 0 and r.slot <= l.closed group by 1 order by 1";

/// What is stored of closed slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    rows: BTreeMap<String, i64>,
}

impl Books {
    /// Rows whose words contain this: `missed`, `(late)`, `eu-west up`.
    pub(crate) fn count(&self, words: &str) -> i64 {
        self.rows.iter().filter(|(row, _)| row.contains(words)).map(|(_, count)| count).sum()
    }

    /// Fails if there are any rows like this.
    #[track_caller]
    pub(crate) fn expect_no(&self, words: &str) {
        assert_eq!(self.count(words), 0, "{words}: {:?}", self.rows);
    }

    /// Fails if there is no row like this.
    #[track_caller]
    pub(crate) fn expect_some(&self, words: &str) {
        assert!(self.count(words) > 0, "no {words}: {:?}", self.rows);
    }
}

impl House {
    /// Up to where everything is finished.
    pub(crate) fn closed(&self) -> i64 {
        self.number("select min(closed) from lanes")
    }

    /// Waits until every slot up to `slot` is closed.
    #[track_caller]
    pub(crate) fn expect_closed(&self, slot: i64) {
        let closed = || self.ground().number("select min(closed) from lanes").is_ok_and(|closed| closed >= slot);
        self.until(&format!("slot {slot} is closed"), closed);
    }

    /// Waits until everything up to now is closed, and compares: none missing, none extra, none twice.
    #[track_caller]
    pub(crate) fn audit(&self) -> Books {
        self.expect_closed(self.now());
        self.audited.set(true);
        self.compare()
    }

    /// Compares what is closed by now.
    #[track_caller]
    pub(crate) fn compare(&self) -> Books {
        let wrong = self.sql(WRONG);
        assert!(wrong.is_empty(), "slot|monitor|region|expected|stored:\n{wrong}");
        let rows = self.sql(ROWS);
        let rows: BTreeMap<_, _> = rows
            .lines()
            .map(|row| row.rsplit_once('|').unwrap())
            .map(|(words, count)| (words.to_owned(), count.parse().unwrap()))
            .collect();
        eprintln!("closed slots: {rows:?}");
        Books { rows }
    }
}
