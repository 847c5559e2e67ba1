//! What `UpGuard` is tried on: a world of sites that behave as told, benchmarks with their yardstick from the same run,
//! and a chaos run that ends in an audit. It drives the real binaries from outside and holds no logic of theirs.

pub mod bench;
pub mod chaos;
mod clock;
pub mod decode;
pub mod house;
pub mod rest;
pub mod world;

#[cfg(test)]
mod schema;
