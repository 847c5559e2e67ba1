//! What channels are told: real control replicas, real PostgreSQL and Redis, a real receiver. Incidents are made by SQL,
//! as the ingester makes them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

#[path = "../support/mod.rs"]
mod support;

mod digests;
mod failures;
mod mail;
mod order;
mod receiver;
mod replicas;
mod scene;
