//! What was found over time.

pub(crate) mod beats;
pub(crate) mod results;
pub(crate) mod series;
pub(crate) mod uptime_days;
