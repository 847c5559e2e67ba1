//! The audit of slots, with which every promise ends.

use std::collections::BTreeMap;

use testbed::audit;

use super::Deployment;

/// Rows in words: `us-east up`, `eu-west missed (late)`.
const ROWS: &str = "g.id || ' ' || r.verdict || coalesce(' (' || r.reason || ')', '')";

/// What is stored of closed slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit {
    rows: BTreeMap<String, i64>,
}

impl Audit {
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

impl Deployment {
    /// Up to where everything is finished.
    pub(crate) fn closed(&self) -> i64 {
        self.number("select min(closed) from lanes")
    }

    /// Waits until every slot up to `slot` is closed.
    #[track_caller]
    pub(crate) fn expect_closed(&self, slot: i64) {
        let closed = || self.servers().number("select min(closed) from lanes").is_ok_and(|closed| closed >= slot);
        self.until(&format!("slot {slot} is closed"), closed);
    }

    /// Waits until everything up to now is closed, and compares: none missing, none extra, none twice.
    #[track_caller]
    pub(crate) fn audit(&self) -> Audit {
        self.expect_closed(self.now());
        self.audited.set(true);
        self.compare()
    }

    /// Compares what is closed by now.
    #[track_caller]
    pub(crate) fn compare(&self) -> Audit {
        let ask = |sql: &str| self.servers().sql(sql);
        let wrong = audit::wrong(ask, 30).unwrap();
        assert!(wrong.is_empty(), "slot|monitor|region|expected|stored:\n{}", wrong.join("\n"));
        let rows = audit::rows(ask, ROWS).unwrap();
        eprintln!("closed slots: {rows:?}");
        Audit { rows }
    }
}
