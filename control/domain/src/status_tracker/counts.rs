//! How many monitors have which status.

use crate::status::Status;

/// One count a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([i64; Status::ALL.len()]);

impl Counts {
    /// A monitor's status becomes `to`; absent is a monitor that is not there.
    pub fn change(&mut self, from: Option<Status>, to: Option<Status>) {
        for (status, by) in [(from, -1), (to, 1)] {
            if let Some(count) = status.and_then(|status| self.0.get_mut(status as usize)) {
                *count += by;
            }
        }
    }

    /// Each status with its count.
    pub fn all(&self) -> impl Iterator<Item = (Status, i64)> {
        Status::ALL.into_iter().zip(self.0)
    }
}
