//! UpGuard's control plane: it keeps users, monitors and history, decides when a check is due, and what its outcome means.
//!
//! This crate puts a replica together; what it does is in the crates below it, one for each floor: `domain` decides, `store`
//! and `channels` reach PostgreSQL and people, `engine` works by itself, `actions` does what people and programs ask for, and
//! `api` is how they ask.

pub mod alone;
mod connections;
mod exposition;
mod lifecycle;
pub mod serve;

pub use serve::serve;
