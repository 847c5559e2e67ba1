//! What crosses Redis between the control plane and its probes: jobs, outcomes, fleet facts, the keys they live
//! under, and the commands that move them.
//!
//! Keys, with `K` = `stream.key` (default `betteruptime:website`; lane *k* > 0 appends `.k`):
//!
//! | key | type | what |
//! |---|---|---|
//! | `K` | stream | jobs meant for every region: one entry, one consumer group per region |
//! | `{K}:<region>` | stream | jobs for that region alone |
//! | `{K}:<region>:results` | stream | outcome batches and fleet facts of that region, read by control without a group |
//! | `{K}:_watermark` | string | the pusher's cursor `slot:last_monitor_key` |
//! | `{K}:_dead` | stream | result entries nobody could read |
//! | `{K}:_live` | stream | what dashboards are told, capped; of lane 0 for all lanes |
//! | `{K}:_budget:<kind>:<hash>` | string | when a budget that replicas share is full again, unix milliseconds; of lane 0 for all lanes |
//! | `{K}:_watched` | string | set while somebody looks at beats live |
//!
//! A pending job is a lease: who stops renewing it loses it. Outcome and acknowledgment are one transaction.
//! Every redis command of the product is in this crate; it knows nothing of PostgreSQL, HTTP or how a check is done.

mod clock;
#[cfg(feature = "redis")]
mod commands;
mod evidence;
mod facts;
mod ids;
mod keys;
mod no_url;
mod outcome;
mod spec;

pub use clock::Clock;
#[cfg(feature = "redis")]
pub use commands::*;
pub use evidence::{Certificate, Evidence};
pub use facts::{Facts, NAME_MAX, check_name};
pub use ids::{EntryId, MonitorId, Region, RegionError};
pub use keys::{KeyError, Keys};
pub use no_url::no_url;
pub use outcome::{ATTEMPT_REQUEST, Diagnosis, Outcome, Phases, Reason, Verdict};
pub use spec::*;
