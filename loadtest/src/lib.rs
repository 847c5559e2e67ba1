//! What `UpGuard` is tried on: a world of sites that behave as told, benchmarks with their yardstick from the same run,
//! and a chaos run that ends in an audit. It drives the real binaries from outside and holds no logic of theirs.

pub mod alerting;
pub mod bench;
pub mod books;
pub mod certified;
pub mod chaos;
mod clock;
pub mod decode;
pub mod fuzz;
pub mod hostile;
pub mod house;
pub mod judge;
mod monitors;
pub mod receiver;
pub mod resp;
pub mod rest;
pub mod unchecked;
pub mod world;

#[cfg(test)]
mod schema;
