//! The little of the REST API that `up` needs, asked as any client would.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

/// A signed-in client.
#[derive(Debug)]
pub(crate) struct Api {
    base: String,
    agent: Agent,
    token: String,
    /// Results that were stored before this run's probes started.
    pub(crate) before: HashSet<String>,
}

/// A client that reports every answer, good or bad, and waits for none for long.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

impl Api {
    /// Signs in at `base`, such as `http://127.0.0.1:8080`.
    pub(crate) fn sign_in(base: &str, email: &str, password: &str) -> Result<Self> {
        let agent = agent();
        let sent =
            agent.post(format!("{base}/api/v1/auth/login")).send_json(json!({"email": email, "password": password}));
        let body = answer("the sign-in", sent)?;
        let token = body["access_token"].as_str().context("the sign-in's answer has no access_token")?.to_owned();
        Ok(Self { base: base.to_owned(), agent, token, before: HashSet::new() })
    }

    /// The same client, knowing what was stored before.
    pub(crate) fn remembering(mut self, before: HashSet<String>) -> Self {
        self.before = before;
        self
    }

    /// The first 200 monitors.
    pub(crate) fn monitors(&self) -> Result<Vec<Value>> {
        self.items("/api/v1/monitors?limit=200")
    }

    /// The newest results of a monitor.
    pub(crate) fn results(&self, monitor: &str) -> Result<Vec<Value>> {
        self.items(&format!("/api/v1/monitors/{monitor}/results?limit=50"))
    }

    /// Where it asks: `http://127.0.0.1:8080`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// All of a list's first page.
    pub(crate) fn items(&self, path: &str) -> Result<Vec<Value>> {
        let sent = self.agent.get(format!("{}{path}", self.base)).header("Authorization", self.bearer()).call();
        let mut body = answer(path, sent)?;
        match body["items"].take() {
            Value::Array(items) => Ok(items),
            _ => bail!("{path} answered without items: {body}"),
        }
    }

    /// Makes something, and returns it.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let sent =
            self.agent.post(format!("{}{path}", self.base)).header("Authorization", self.bearer()).send_json(body);
        answer(path, sent)
    }

    /// Changes some fields of something.
    pub(crate) fn patch(&self, path: &str, fields: &Value) -> Result<()> {
        let sent =
            self.agent.patch(format!("{}{path}", self.base)).header("Authorization", self.bearer()).send_json(fields);
        answer(path, sent).map(drop)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn answer(what: &str, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let mut response = sent.with_context(|| format!("{what} got no answer"))?;
    let status = response.status();
    let text = response.body_mut().read_to_string().with_context(|| format!("{what} broke off"))?;
    if !status.is_success() {
        bail!("{what} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("{what} answered something else than JSON: {text}"))
}
