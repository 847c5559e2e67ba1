//! Has a system tell a [`Receiver`] of what is down, through the API as people would.

use anyhow::{Context, Result};
use hyper::Method;
use serde_json::{Value, json};

use crate::{receiver::Receiver, rest::Rest};

/// What the run's webhooks are signed with.
pub const SECRET: &str = "whsec_bG9hZHRlc3Qgc2lnbnMgd2l0aCB0aGlzIGFuZCBub2JvZHkgZWxzZQ==";

/// Makes a webhook channel that leads to `receiver`, and returns its id.
pub async fn make_channel(rest: &Rest, receiver: &Receiver) -> Result<String> {
    let settings = json!({"url": receiver.url(), "secret": SECRET});
    make(rest, "/api/v1/channels", json!({"name": "receiver", "kind": "webhook", "settings": settings})).await
}

/// Makes a policy that tells `channel` of what is down and of nothing else, and returns its id: monitors have to name it.
pub async fn make_policy(rest: &Rest, channel: &str) -> Result<String> {
    make(rest, "/api/v1/policies", json!({"name": "receiver", "sends": ["down"], "channels": [channel]})).await
}

async fn make(rest: &Rest, path: &str, body: Value) -> Result<String> {
    let answer = rest.ask(Method::POST, path, Some(body)).await?;
    let id = answer.body["id"].as_str().filter(|_| answer.status == 201).map(str::to_owned);
    id.with_context(|| format!("POST {path} was answered with {}: {}", answer.status, answer.body))
}
