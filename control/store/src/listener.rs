//! A connection of its own that hears PostgreSQL's notifications. What it hears is only ever a reason to look: those
//! sent while it was not connected are lost.

use std::{future::poll_fn, pin::Pin};

use config::Config;
use futures_util::{FutureExt, future::BoxFuture};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Error,
    connect::{settings, tls},
};

type Line = Connection<Socket, <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream>;

/// Hears one channel of notifications. Dropping it ends its session.
pub struct Listener {
    // Its session ends when it is dropped.
    _client: Client,
    line: Pin<Box<Line>>,
}

impl Listener {
    /// Dials, and listens to `channel` from then on.
    pub async fn open(config: &Config, channel: &'static str) -> Result<Self, Error> {
        let (client, line) = settings(config, "upguard notifier")?.connect(tls(config)?).await?;
        let mut line = Box::pin(line);
        let listening: BoxFuture<'_, _> = Box::pin(async { client.batch_execute(&format!("listen {channel}")).await });
        let mut listening = listening.fuse();
        loop {
            tokio::select! {
                listened = &mut listening => {
                    listened?;
                    break;
                }
                said = poll_fn(|context| line.poll_message(context)) => said.ok_or_else(ended)?.map(drop)?,
            }
        }
        drop(listening);
        Ok(Self { _client: client, line })
    }

    /// Waits for the next notification. May be cancelled.
    pub async fn heard(&mut self) -> Result<(), Error> {
        loop {
            match poll_fn(|context| self.line.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(_))) => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(why)) => return Err(why.into()),
                None => return Err(ended()),
            }
        }
    }
}

fn ended() -> Error {
    Error::Unavailable("the session that listens was ended".to_owned())
}
