//! A PostgreSQL session of one's own. Any error between `begin` and the reply to `commit` makes it worthless: whoever
//! holds it throws it away, and with it everything that was believed because of it.

use config::Config;
use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::{Client, Row, types::ToSql};
use tokio_util::task::TaskTracker;

use super::{Error, connect};

/// A client with its prepared statements and the task that drives it; dropping it ends both.
pub struct Session(ClientWrapper);

/// Who runs the statements of a transaction: the pool's connection that began it, or a session of one's own.
pub trait Ask: Sync {
    /// The rows that a statement of this crate answers.
    fn ask(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;
}

impl Ask for Session {
    async fn ask(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.query(sql, params).await
    }
}

impl Ask for Transaction<'_> {
    async fn ask(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        Ok(self.query(&self.prepare_cached(sql).await?, params).await?)
    }
}

impl Session {
    /// Dials. `application_name` is how whoever takes over finds and ends this session.
    pub async fn open(config: &Config, application_name: &str) -> Result<Self, Error> {
        let (client, connection) = connect(config, application_name).await?;
        let driving = TaskTracker::new().spawn(async {
            // How the connection ended is what the next statement answers.
            let _ = connection.await;
        });
        Ok(Self(ClientWrapper::new(client, driving)))
    }

    pub(super) async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let statement = self.0.prepare_cached(sql).await?;
        Ok(self.0.query(&statement, params).await?)
    }

    pub(super) fn client(&self) -> &Client {
        &self.0
    }

    /// Opens the transaction, with a savepoint that [`Session::back`] returns to.
    pub async fn begin(&self) -> Result<(), Error> {
        Ok(self.0.batch_execute("begin; savepoint batch").await?)
    }

    /// Keeps what was done since `begin`: [`Session::back`] returns to here from now on.
    pub async fn keep(&self) -> Result<(), Error> {
        Ok(self.0.batch_execute("release savepoint batch; savepoint batch").await?)
    }

    /// Undoes everything since `begin`, or the last [`Session::keep`], an error of the server included, and goes on.
    pub async fn back(&self) -> Result<(), Error> {
        Ok(self.0.batch_execute("rollback to savepoint batch").await?)
    }
}
