//! One connection. Where the caller says whom to trust, TLS is ours: the client library takes authorities, and has no place for a
//! server's own certificate.

use std::{io, sync::Arc, time::Duration};

use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, RedisError, aio::MultiplexedConnection};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// Whom to trust.
pub(crate) type Trust = Arc<ClientConfig>;

/// A connection, and what moves it where that is not the library's.
pub(crate) struct Moving {
    pub(crate) connection: MultiplexedConnection,
    _driver: JoinSet<()>,
}

impl From<MultiplexedConnection> for Moving {
    fn from(connection: MultiplexedConnection) -> Self {
        Self { connection, _driver: JoinSet::new() }
    }
}

/// Dials within `patience`, and greets; replies are waited for as `config` says.
pub(crate) async fn dial(
    info: &ConnectionInfo,
    trust: Option<&Trust>,
    patience: Duration,
    config: AsyncConnectionConfig,
) -> Result<Moving, RedisError> {
    let (ConnectionAddr::TcpTls { host, port, .. }, Some(trust)) = (info.addr(), trust) else {
        let config = config.set_connection_timeout(Some(patience));
        let connection = Client::open(info.clone())?.get_multiplexed_async_connection_with_config(&config).await?;
        return Ok(connection.into());
    };
    let greeting = async {
        let stream = secure(host, *port, trust).await?;
        MultiplexedConnection::new_with_config(info.redis_settings(), stream, config).await
    };
    let late = |_| RedisError::from(io::Error::from(io::ErrorKind::TimedOut));
    let (connection, moves) = timeout(patience, greeting).await.map_err(late)??;
    let mut driver = JoinSet::new();
    driver.spawn(moves);
    Ok(Moving { connection, _driver: driver })
}

async fn secure(host: &str, port: u16, trust: &Trust) -> Result<TlsStream<TcpStream>, RedisError> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let tcp = TcpStream::connect((host, port)).await?;
    Ok(TlsConnector::from(Arc::clone(trust)).connect(name, tcp).await?)
}
