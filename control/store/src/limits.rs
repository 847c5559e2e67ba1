//! How many connections PostgreSQL grants us.

use super::{Error, GenericClient, Read, statement::statements};

statements! {
    // Superusers are bound by nothing but the server's own limit.
    LIMITS () -> (of_server "int8", of_role "int8", of_database "int8")
        "select current_setting('max_connections')::int8
                - case when r.rolsuper then 0 else current_setting('superuser_reserved_connections')::int8
                       + coalesce(nullif(current_setting('reserved_connections', true), '')::int8, 0) end as of_server,
                case when not r.rolsuper and r.rolconnlimit >= 0 then r.rolconnlimit::int8 end as of_role,
                case when not r.rolsuper and d.datconnlimit >= 0 then d.datconnlimit::int8 end as of_database
         from pg_roles r, pg_database d where r.rolname = session_user and d.datname = current_database()"
}

/// The most connections there may be, by which setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub connections: usize,
    /// Whose limit it is, for people.
    pub of: &'static str,
}

/// The tightest limit of those that hold for us.
pub async fn tightest(db: &impl GenericClient) -> Result<Limit, Error> {
    let row = db.query_one(&db.prepare_cached(LIMITS).await?, &[]).await?;
    let named: [(Option<i64>, _); 3] = [
        (row.read("of_server")?, "max_connections less those reserved"),
        (row.read("of_role")?, "connection limit of the role"),
        (row.read("of_database")?, "connection limit of the database"),
    ];
    let mut limits = Vec::new();
    for (connections, of) in named {
        limits.extend(connections.map(|most| Limit { connections: most.max(0) as usize, of }));
    }
    limits.into_iter().min_by_key(|limit| limit.connections).ok_or(Error::Missing("limit of connections"))
}
