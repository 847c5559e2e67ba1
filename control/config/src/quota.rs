//! What follows from the quotas.

use domain::quota::Limits;

use super::Quota;

impl Quota {
    /// What an organisation may have.
    pub fn limits(&self) -> Limits {
        Limits { monitors: self.monitors, checks_per_minute: self.checks_per_minute }
    }
}
