//! A probe of UpGuard: takes jobs from its region's Redis Streams, carries the checks out and hands the outcomes back.
//!
//! [`check`] is one check, from name to verdict; it knows nothing of Redis. [`run`] is the worker around it: permits,
//! leases, reports, drain. A probe knows no database, no user and no other region, and keeps nothing on disk.

pub mod check;

mod admin;
mod config;
mod failure;
mod metrics;
mod serve;
mod start;
mod worker;

pub use start::{health, run};
