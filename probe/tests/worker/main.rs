//! The worker against a real Redis and real sites on loopback: the very binary, killed, stopped and starved.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![allow(clippy::float_cmp, reason = "counters are whole")]

mod compose;
mod config;
mod fleet;
mod jobs;
mod leases;
mod limits;
mod outages;
mod site;
mod tls;
mod witnesses;
