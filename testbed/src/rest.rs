//! A client of control's REST API that outlives replicas: what one does not answer, the next is asked.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::time::timeout;

/// How long a replica may take; a paused one never answers.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the run's own user signs in with.
const EMAIL: &str = "testbed@example.org";
const PASSWORD: &str = "a world of misbehaving sites";

/// An HTTP answer with a JSON body; `null` where it has none.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// A signed-in user and the replicas to talk to.
pub struct Rest {
    client: Client<HttpConnector, Full<Bytes>>,
    replicas: Vec<String>,
    turn: AtomicUsize,
    token: Mutex<String>,
}

impl Rest {
    /// A client of the replicas with these base URLs, not signed in.
    pub fn new(replicas: Vec<String>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, replicas, turn: AtomicUsize::new(0), token: Mutex::default() }
    }

    /// Signs up and in.
    pub async fn register(&self) -> Result<()> {
        let answer = self.send(&Method::POST, "/api/v1/auth/register", Some(&credentials())).await?;
        self.keep_token(&answer)
    }

    /// Asks the replicas in turn until one answers. An access token that ran out is replaced.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let answer = self.send(&method, path, body.as_ref()).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let signed_in = self.send(&Method::POST, "/api/v1/auth/login", Some(&credentials())).await?;
        self.keep_token(&signed_in)?;
        self.send(&method, path, body.as_ref()).await
    }

    /// How many replicas there are.
    pub fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// GETs `path` from the replica at `place` and no other. An access token that ran out is replaced.
    pub async fn ask_one(&self, place: usize, path: &str) -> Result<Answer> {
        let get = || timeout(PATIENCE, self.send_to(&self.replicas[place], &Method::GET, path, None));
        let answer = get().await??;
        if answer.status != 401 {
            return Ok(answer);
        }
        let signed_in = self.send(&Method::POST, "/api/v1/auth/login", Some(&credentials())).await?;
        self.keep_token(&signed_in)?;
        get().await?
    }

    async fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let mut answer = Err(anyhow::anyhow!("no replica to ask"));
        for _ in &self.replicas {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.replicas.len();
            let asked = self.send_to(&self.replicas[turn], method, path, body);
            answer = timeout(PATIENCE, asked).await.unwrap_or_else(|_| bail!("no answer within {PATIENCE:?}"));
            if answer.is_ok() {
                break;
            }
        }
        answer
    }

    async fn send_to(&self, base: &str, method: &Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut request = Request::builder().method(method).uri(format!("{base}{path}"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = body.map(Value::to_string);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let response = self.client.request(request.body(Full::from(body.unwrap_or_default()))?).await?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    fn keep_token(&self, answer: &Answer) -> Result<()> {
        let token = answer.body["access_token"].as_str();
        let token = token.with_context(|| format!("sign-in was answered with {}: {}", answer.status, answer.body))?;
        token.clone_into(&mut self.token.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

fn credentials() -> Value {
    json!({"email": EMAIL, "password": PASSWORD})
}
