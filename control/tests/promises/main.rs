//! What is promised, and the faults that try to break it. Each test is named as the promise it holds; each ends with
//! the audit (see `Deployment`): every expected slot has its row, none is extra, none twice, and no job stays pending.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]
#![allow(clippy::float_cmp, reason = "counters are whole")]

#[path = "../deployment/mod.rs"]
mod deployment;
#[path = "../sse/mod.rs"]
mod sse;

mod backup;
mod clocks;
mod failover;
mod floods;
mod hostile;
mod nonsense;
mod page;
mod postgres;
mod probes;
mod redis;
mod regions;
mod replicas;
mod revisions;
mod rotation;
mod schedule;
mod stalled;
mod three_servers;
