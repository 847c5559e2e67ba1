//! What works on the jobs of a region: a supervisor for each lane, and what all lanes of a process share.

mod connection;
mod dispatch;
mod failing;
pub(crate) mod health;
mod hosts;
mod keeper;
pub(crate) mod lane;
mod ledger;
pub(crate) mod pulse;
mod reporter;
mod self_check;
pub(crate) mod shared;
pub(crate) mod supervisor;
mod taker;
pub(crate) mod witness;
