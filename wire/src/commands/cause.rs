//! Why Redis cannot be used, in words for whoever is called at night.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::error::Error;

impl Error {
    /// What has to be mended: the password, the name, the endpoint there, or the server.
    pub fn cause(&self) -> String {
        match self {
            Self::Redis(why) => of_redis(why),
            other => other.to_string(),
        }
    }
}

fn of_redis(why: &RedisError) -> String {
    let text = why.to_string();
    let lower = text.to_lowercase();
    match (why.kind(), why.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
            "authentication failed: wrong user or password in redis.url".to_owned()
        }
        (_, Some("NOAUTH")) => "authentication failed: redis.url has no password, and Redis wants one".to_owned(),
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => format!("its user may not do this: {text}"),
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => "read-only: it is a replica".to_owned(),
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => "it is loading its data".to_owned(),
        _ if why.is_connection_refusal() => "connection refused: nobody listens there".to_owned(),
        _ if why.is_timeout() => "no answer in time".to_owned(),
        _ if lower.contains("lookup address") || lower.contains("name or service") => {
            "unknown host: the name in redis.url cannot be resolved".to_owned()
        }
        _ if lower.contains("certificate") || lower.contains("tls") || lower.contains("handshake") => {
            format!("TLS: {text}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::link::Link;
    use super::*;

    async fn cause(url: &str) -> String {
        Link::new(url, 1).unwrap().own().await.err().unwrap().cause()
    }

    #[tokio::test]
    async fn the_way_there_is_told_from_the_server() {
        assert!(cause("redis://127.0.0.1:1").await.starts_with("connection refused"));
        assert!(cause("redis://nobody.invalid:6379").await.starts_with("unknown host"));
    }

    #[test]
    fn what_the_server_says_is_told_in_words() {
        let said = |kind, code: &str| Error::Redis(RedisError::from((kind, "said", code.to_owned()))).cause();
        assert!(said(ErrorKind::AuthenticationFailed, "").contains("wrong user or password"));
        assert!(said(ErrorKind::Server(ServerErrorKind::ReadOnly), "").starts_with("read-only"));
        assert!(said(ErrorKind::Server(ServerErrorKind::BusyLoading), "").contains("loading"));
    }
}
