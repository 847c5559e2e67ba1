//! Incidents, made as the replica's own parts make them.

use std::time::Duration;

use domain::{
    incident::{Kind, Level, Subject},
    keys::MonitorKey,
};
use serde_json::{Value, json};
use store::{
    Transaction,
    incidents::{self, Move, Opening},
};
use uuid::Uuid;

use super::{DATABASE, SECRET, Server};

/// A monitor is down, to be told at once.
pub fn down(monitor: i32) -> Opening {
    Opening {
        id: Uuid::now_v7(),
        kind: Kind::Availability,
        subject: Subject::Monitor(MonitorKey(monitor)),
        level: Level::Down,
        reason: Some(wire::Reason::Connect),
        facts: json!({}),
    }
}

impl Server {
    /// Opens incidents at `at`, to be told after `hold`. Their ids, in this order.
    pub fn open(&self, openings: Vec<Opening>, at: i64, hold: Duration) -> Vec<String> {
        let ids = openings.iter().map(|opening| opening.id.to_string()).collect();
        let opened = self.in_transaction(async |tx| incidents::open(tx, openings, at, hold).await);
        assert_eq!(opened.len(), Vec::len(&ids));
        ids
    }

    /// Opens an incident of each monitor that `these` selects the key of.
    pub fn open_down(&self, these: &str) -> Vec<String> {
        let keys = self.psql(these);
        self.open(keys.lines().map(|key| down(key.parse().unwrap())).collect(), 7, Duration::ZERO)
    }

    /// Ends incidents.
    pub fn resolve(&self, ids: &[String], at: i64) {
        let which: Vec<(Uuid, Value)> = ids.iter().map(|id| (id.parse().unwrap(), json!({}))).collect();
        self.in_transaction(async |tx| incidents::resolve(tx, which, at, None).await);
    }

    /// Takes an incident to another level.
    pub fn shift(&self, each: Move, hold: Duration) {
        self.in_transaction(async |tx| incidents::shift(tx, vec![each], hold).await);
    }

    /// Keeps an incident open: it flaps.
    pub fn hold(&self, id: &str) {
        let id = id.parse().unwrap();
        self.in_transaction(async |tx| incidents::hold(tx, vec![(id, json!({}))]).await);
    }

    /// Does in one transaction what a part of the replica would.
    pub fn in_transaction<T>(&self, work: impl AsyncFnOnce(&Transaction<'_>) -> store::Result<T>) -> T {
        let variables = [
            ("UPGUARD_POSTGRES__URL", self.postgres.url(DATABASE)),
            ("UPGUARD_REDIS__URL", self.redis.url()),
            ("UPGUARD_AUTH__SECRET", SECRET.to_owned()),
            ("UPGUARD_SMTP__HOST", "127.0.0.1".to_owned()),
            ("UPGUARD_SMTP__FROM", "alerts@example.org".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let config = config::from(None, variables).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut db = store::Db::new(&config).unwrap().get().await.unwrap();
            let tx = db.transaction().await.unwrap();
            let done = work(&tx).await.unwrap();
            tx.commit().await.unwrap();
            done
        })
    }
}
