//! Monitors made through the API, many at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::{Result, bail};
use hyper::Method;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use testbed::rest::Rest;

/// Requests in flight.
const MAKERS: usize = 16;

/// Makes `count` monitors of these bodies and returns their ids in the bodies' order, and how many were made a second.
pub(crate) async fn make(
    rest: &Arc<Rest>,
    count: usize,
    body: impl Fn(usize) -> Value + Clone + Send + 'static,
) -> Result<(Vec<String>, f64)> {
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let makers = (0..MAKERS).map(|_| {
        let (rest, next, body) = (Arc::clone(rest), Arc::clone(&next), body.clone());
        async move {
            let mut ids = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok(ids);
                }
                let answer = rest.ask(Method::POST, "/api/v1/monitors", Some(body(n))).await?;
                match answer.body["id"].as_str() {
                    Some(id) if answer.status == 201 => ids.push((n, id.to_owned())),
                    _ => bail!("POST /api/v1/monitors was answered with {}: {}", answer.status, answer.body),
                }
            }
        }
    });
    let tasks = TaskTracker::new();
    let makers: Vec<_> = makers.map(|maker| tasks.spawn(maker)).collect();
    let mut ids = Vec::with_capacity(count);
    for maker in makers {
        ids.extend(maker.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    ids.sort_unstable();
    Ok((ids.into_iter().map(|(_, id)| id).collect(), count as f64 / seconds))
}
