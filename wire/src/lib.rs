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

mod bounds;
mod budget;
mod cause;
mod clock;
mod codec;
mod error;
mod evidence;
mod facts;
mod framing;
mod ids;
mod job;
mod keys;
mod lag;
mod lease;
mod link;
mod live;
mod no_url;
mod outcome;
mod push;
mod report;
mod results;
mod sentinel;
mod server;
mod spec;
mod take;
mod way;

pub use bounds::{ENTRY_MAX, OUTCOMES_MAX};
pub use budget::{Allowance, Purse, Spent, spend};
pub use clock::Clock;
pub use codec::{Batch, Payload};
pub use error::{Error, Unparsed};
pub use evidence::{Certificate, Evidence};
pub use facts::{Facts, NAME_MAX, check_name};
pub use ids::{EntryId, MonitorId, Region, RegionError};
pub use job::{ATTEMPT_REQUEST, Job, LATE_AFTER, Poison, Work};
pub use keys::{KeyError, Keys};
pub use lag::{GroupLag, GroupPosition, group_lags, group_positions, set_group_back};
pub use lease::{Claimed, claim, renew};
pub use link::{Line, Link};
pub use live::{LiveEntry, LiveNotice, is_watched, keep_watched, live_since, live_tail, publish_live, read_live};
pub use no_url::no_url;
pub use outcome::{Diagnosis, Outcome, Phases, Reason, Verdict};
pub use push::{Cursor, Entry, Pushed, Pusher, Target, push_one, read_watermark};
pub use report::{Done, report, send_facts};
pub use results::{
    Backlog, Positions, ResultEntry, bury, groups_on, look_at_results, read_results, reset_results, talking,
    trim_results,
};
pub use server::ServerInfo;
pub use spec::{BodyText, CheckUrl, Expect, Headers, Kind, MaxRedirects, Method, Spec, StatusRanges, Timeout, TlsSpec};
pub use take::{Delivery, Lease, Streams, Taken, ensure_groups, take};
