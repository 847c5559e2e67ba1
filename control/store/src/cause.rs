//! Why PostgreSQL cannot be used, in words for whoever is called at night.

use tokio_postgres::error::SqlState;

use super::Error;

impl Error {
    /// What has to be mended: the password, the name, the way there, or the server.
    pub fn cause(&self) -> String {
        match self {
            Self::Postgres(why) => why.code().and_then(refusal).map_or_else(|| self.to_string(), str::to_owned),
            Self::Unavailable(why) => way(why).unwrap_or_else(|| why.clone()),
            other => other.to_string(),
        }
    }
}

/// Codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn refusal(code: &SqlState) -> Option<&'static str> {
    Some(match *code {
        SqlState::INVALID_PASSWORD => "authentication failed: wrong password in postgres.url",
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "authentication failed: this user may not sign in (see postgres.url and pg_hba.conf)"
        }
        SqlState::INVALID_CATALOG_NAME => "the database that postgres.url names does not exist",
        SqlState::INSUFFICIENT_PRIVILEGE => "its user lacks a privilege",
        _ => return None,
    })
}

fn way(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["connection refused"]) {
        return Some("connection refused: nobody listens there".to_owned());
    }
    if has(&["lookup address", "name or service"]) {
        return Some("unknown host: the name in postgres.url cannot be resolved".to_owned());
    }
    if has(&["read-only transaction"]) {
        return Some("read-only: it takes no writes".to_owned());
    }
    has(&["tls", "certificate"]).then(|| format!("TLS: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_there_is_told_from_the_server() {
        let cause = |text: &str| Error::Unavailable(text.to_owned()).cause();
        assert!(
            cause("error connecting to server: Connection refused (os error 111)").starts_with("connection refused")
        );
        assert!(cause("error connecting to server: failed to lookup address information").starts_with("unknown host"));
        assert!(cause("db error: ERROR: cannot execute UPDATE in a read-only transaction").starts_with("read-only"));
        assert!(cause("error performing TLS handshake: invalid peer certificate").starts_with("TLS: "));
        assert_eq!(cause("no connection within 3 s"), "no connection within 3 s");
        assert!(refusal(&SqlState::INVALID_PASSWORD).unwrap().contains("wrong password"));
        assert_eq!(refusal(&SqlState::SYNTAX_ERROR), None);
    }
}
