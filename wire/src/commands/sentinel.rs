//! Which server is the master now, by what most Sentinels say.
//! <https://redis.io/docs/latest/develop/reference/sentinel-clients/>
//!
//! One Sentinel alone may be cut off from the others, together with a master they have deposed. And what is named must
//! call itself master in its `HELLO`; `ROLE` and `INFO`, which Redis' page and client libraries use, would be rights
//! that a region's user does not need otherwise.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use redis::{
    AsyncConnectionConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisError, Value,
    aio::MultiplexedConnection,
};
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use super::{
    dial::{Trust, dial},
    error::Error,
};

/// How long a Sentinel may take to answer; one that is gone must not hold up who asks the others too.
const PATIENCE: Duration = Duration::from_secs(1);
/// Where Sentinels listen unless the URL says otherwise.
const PORT: u16 = 26_379;

/// Whom to ask, and for what.
pub(crate) struct Sentinels {
    /// The name Sentinel knows the master by.
    pub(crate) name: String,
    pub(crate) all: Vec<ConnectionInfo>,
    pub(crate) trust: Option<Trust>,
}

impl Sentinels {
    /// Where the master is: what more than half of the Sentinels say, or most of those that answer.
    pub(crate) async fn master(&self) -> Result<(String, u16), Error> {
        let mut answers: FuturesUnordered<_> = self.all.iter().map(|one| self.ask(one)).collect();
        let (mut votes, mut silent) = (HashMap::new(), Vec::new());
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(master) => {
                    let voices = votes.entry(master.clone()).or_insert(0);
                    *voices += 1;
                    if *voices * 2 > self.all.len() {
                        return Ok(master);
                    }
                }
                Err(why) => silent.push(why),
            }
        }
        let most = votes.into_iter().max_by_key(|(_, voices)| *voices);
        most.map(|(master, _)| master).ok_or_else(|| Error::NoMaster(self.name.clone(), silent.join("; ")))
    }

    async fn ask(&self, sentinel: &ConnectionInfo) -> Result<(String, u16), String> {
        let said = |why: &dyn std::fmt::Display| format!("{}: {why}", sentinel.addr());
        match timeout(PATIENCE, ask(sentinel, self.trust.as_ref(), &self.name)).await {
            Ok(Ok(Some(master))) => Ok(master),
            Ok(Ok(None)) => Err(said(&"knows no such master")),
            Ok(Err(why)) => Err(said(&why)),
            Err(_) => Err(said(&format_args!("no answer within {PATIENCE:?}"))),
        }
    }
}

/// How to reach the master found, greeted like `server`.
pub(crate) fn at(server: &ConnectionInfo, (host, port): (String, u16)) -> ConnectionInfo {
    let address = match server.addr() {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
            ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
        }
        _ => ConnectionAddr::Tcp(host, port),
    };
    server.clone().set_addr(address)
}

async fn ask(
    sentinel: &ConnectionInfo,
    trust: Option<&Trust>,
    name: &str,
) -> Result<Option<(String, u16)>, RedisError> {
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let mut moving = dial(sentinel, trust, PATIENCE, config).await?;
    redis::cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(name).query_async(&mut moving.connection).await
}

/// A server that was deposed, or not yet promoted, is not to be written to, nor believed.
pub(crate) async fn require_master(connection: &mut MultiplexedConnection, at: &ConnectionAddr) -> Result<(), Error> {
    let greeting: HashMap<String, Value> = redis::cmd("HELLO").query_async(connection).await?;
    let is_master = matches!(greeting.get("role"), Some(Value::BulkString(role)) if role == b"master");
    if is_master { Ok(()) } else { Err(Error::NotMaster(at.to_string())) }
}

/// What a Sentinel URL says.
pub(crate) struct Parts<'a> {
    pub(crate) name: String,
    is_tls: bool,
    /// `user:password@`, as it stands there.
    greeting: &'a str,
    hosts: Vec<&'a str>,
    database: &'a str,
    user: Option<String>,
    password: Option<String>,
    sentinels_tls: Option<bool>,
}

/// Nothing where `url` is one of a single server.
pub(crate) fn split(url: &str) -> Result<Option<Parts<'_>>, Error> {
    let Some((scheme, rest)) = url.split_once("+sentinel://") else { return Ok(None) };
    let is_tls = match scheme {
        "redis" => false,
        "rediss" => true,
        _ => return Err(Error::Url("begins neither with redis+sentinel:// nor with rediss+sentinel://")),
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').ok_or(Error::Url("names no master after the Sentinels"))?;
    let (greeting, hosts) = authority.rsplit_once('@').map_or(("", authority), |(_, hosts)| {
        let (greeting, _) = authority.split_at(authority.len() - hosts.len());
        (greeting, hosts)
    });
    let (name, database) = path.split_once('/').unwrap_or((path, ""));
    if name.is_empty() {
        return Err(Error::Url("names no master after the Sentinels"));
    }
    let hosts = hosts.split(',').collect();
    let (user, password, sentinels_tls) = (None, None, None);
    let mut parts = Parts { name: name.to_owned(), is_tls, greeting, hosts, database, user, password, sentinels_tls };
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match (&*key, &*value) {
            ("sentinel_user", user) => parts.user = Some(user.to_owned()),
            ("sentinel_password", password) => parts.password = Some(password.to_owned()),
            ("sentinel_tls", "on") => parts.sentinels_tls = Some(true),
            ("sentinel_tls", "off") => parts.sentinels_tls = Some(false),
            ("sentinel_tls", _) => return Err(Error::Url("has a sentinel_tls that is neither on nor off")),
            _ => {
                return Err(Error::Url("may have sentinel_user, sentinel_password and sentinel_tls, and nothing else"));
            }
        }
    }
    Ok(Some(parts))
}

impl Parts<'_> {
    /// How the master is greeted, wherever it is.
    pub(crate) fn server(&self) -> Result<ConnectionInfo, Error> {
        let scheme = scheme(self.is_tls);
        Ok(format!("{scheme}://{}master/{}", self.greeting, self.database).into_connection_info()?)
    }

    /// How each Sentinel is reached.
    pub(crate) fn sentinels(&self) -> Result<Vec<ConnectionInfo>, Error> {
        self.hosts.iter().map(|host| self.sentinel(host)).collect()
    }

    fn sentinel(&self, host: &str) -> Result<ConnectionInfo, Error> {
        let scheme = scheme(self.sentinels_tls.unwrap_or(self.is_tls));
        let mut url =
            Url::parse(&format!("{scheme}://{host}")).map_err(|_| Error::Url("has a Sentinel that is no HOST:PORT"))?;
        if url.port().is_none() {
            url.set_port(Some(PORT)).map_err(|()| Error::Url("has a Sentinel that is no HOST:PORT"))?;
        }
        let info = url.into_connection_info()?;
        let mut greeting = info.redis_settings().clone();
        if let Some(user) = &self.user {
            greeting = greeting.set_username(user);
        }
        if let Some(password) = &self.password {
            greeting = greeting.set_password(password);
        }
        Ok(info.set_redis_settings(greeting))
    }
}

fn scheme(is_tls: bool) -> &'static str {
    if is_tls { "rediss" } else { "redis" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (ConnectionInfo, Vec<ConnectionInfo>, String) {
        let parts = split(url).unwrap().unwrap();
        (parts.server().unwrap(), parts.sentinels().unwrap(), parts.name)
    }

    #[test]
    fn a_url_names_sentinels_a_master_and_who_asks() {
        let (server, sentinels, name) =
            parts("redis+sentinel://eu:p%40ss@s1,s2:7000,[::1]:7001/main/3?sentinel_user=ask&sentinel_password=a%2Bb");
        assert_eq!(name, "main");
        let greeting = server.redis_settings();
        assert_eq!((greeting.username(), greeting.password(), greeting.db()), (Some("eu"), Some("p@ss"), 3));
        let addresses: Vec<_> = sentinels.iter().map(|one| one.addr().clone()).collect();
        let tcp = |host: &str, port| ConnectionAddr::Tcp(host.to_owned(), port);
        assert_eq!(addresses, [tcp("s1", 26_379), tcp("s2", 7000), tcp("::1", 7001)]);
        let asks = sentinels[0].redis_settings();
        assert_eq!((asks.username(), asks.password()), (Some("ask"), Some("a+b")));
    }

    #[test]
    fn tls_is_for_all_unless_sentinels_have_a_word_of_their_own() {
        let is_tls = |info: &ConnectionInfo| matches!(info.addr(), ConnectionAddr::TcpTls { insecure: false, .. });
        for (url, expected) in [
            ("redis+sentinel://s/m", (false, false)),
            ("rediss+sentinel://s/m", (true, true)),
            ("rediss+sentinel://s/m?sentinel_tls=off", (true, false)),
            ("redis+sentinel://s/m?sentinel_tls=on", (false, true)),
        ] {
            let (server, sentinels, _) = parts(url);
            assert_eq!((is_tls(&server), is_tls(&sentinels[0])), expected, "{url}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for url in [
            "http+sentinel://s/m",
            "redis+sentinel://s",
            "redis+sentinel://s/",
            "redis+sentinel://s/m?user=x",
            "redis+sentinel://s/m?sentinel_tls=yes",
        ] {
            assert!(split(url).is_err(), "{url}");
        }
        assert!(split("redis+sentinel://a:b:c/m").unwrap().unwrap().sentinels().is_err());
        assert!(split("redis://one:6379").unwrap().is_none());
    }
}
