//! Every Redis command of the product, and how what they carry is written and read.

mod bounds;
mod budget;
mod cause;
mod codec;
mod dial;
mod endpoint;
mod error;
mod framing;
mod job;
mod lag;
mod lease;
mod link;
mod live;
mod push;
mod report;
mod results;
mod sentinel;
mod server;
mod take;

pub use bounds::{ENTRY_MAX, OUTCOMES_MAX};
pub use budget::{Allowance, Purse, Spent, spend};
pub use codec::{Batch, Payload};
pub use error::{Error, Unparsed};
pub use job::{Job, LATE_AFTER, MalformedJob, Work};
pub use lag::{GroupLag, GroupPosition, group_lags, group_positions, set_group_back};
pub use lease::{Claimed, claim, renew};
pub use link::{Line, Link};
pub use live::{LiveEntry, LiveNotice, is_watched, keep_watched, live_since, live_tail, publish_live, read_live};
pub use push::{Cursor, Entry, Pushed, Pusher, Target, push_one, read_watermark};
pub use report::{Done, report, send_facts};
pub use results::{
    Backlog, Positions, ResultEntry, dead_letter, groups_on, look_at_results, read_results, reset_results, talking,
    trim_results,
};
pub use server::ServerInfo;
pub use take::{Delivery, Lease, Streams, Taken, ensure_groups, take};
