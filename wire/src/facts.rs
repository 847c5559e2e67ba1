//! What a worker says of itself every few seconds, in order with the outcomes it qualifies.

use crate::outcome::Diagnosis;

/// The longest name of a worker, and of its version, in bytes.
pub const NAME_MAX: usize = 128;

/// One worker's state. It rides on the region's results stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `WORKER_ID`.
    pub worker: String,
    /// The probe's version.
    pub version: String,
    /// Checks running or waiting to be reported.
    pub in_flight: u32,
    /// The most it runs at once.
    pub limit: u32,
    /// Age of the oldest job when it was taken last, milliseconds.
    pub queue_age_ms: u64,
    /// How far the worker's own wall clock is ahead of Redis `TIME`, milliseconds.
    pub clock_offset_ms: i64,
    /// Why it doubts what it sees now; none while it does not.
    pub diagnosis: Option<Diagnosis>,
}

impl Facts {
    /// The same with its figures within bounds that people can read, or why nobody believes it.
    pub fn bounded(self) -> Result<Self, String> {
        check_name(&self.worker).map_err(|why| format!("the worker's name {why}"))?;
        if !self.version.is_empty() {
            check_name(&self.version).map_err(|why| format!("the worker's version {why}"))?;
        }
        Ok(Self {
            in_flight: self.in_flight.min(CHECKS_MAX),
            limit: self.limit.min(CHECKS_MAX),
            queue_age_ms: self.queue_age_ms.min(AGE_MAX_MS),
            clock_offset_ms: self.clock_offset_ms.clamp(-OFFSET_MAX_MS, OFFSET_MAX_MS),
            ..self
        })
    }
}

const CHECKS_MAX: u32 = 10_000_000;
/// A month.
const AGE_MAX_MS: u64 = 31 * 86_400_000;
/// A century.
const OFFSET_MAX_MS: i64 = 100 * 366 * 86_400_000;

/// Whether a worker can be called so: 1 to [`NAME_MAX`] bytes that print. The error completes "the name …".
pub fn check_name(name: &str) -> Result<(), String> {
    match name.len() {
        0 => Err("is empty".to_owned()),
        1..=NAME_MAX => name
            .chars()
            .find(|c| !prints(*c))
            .map_or(Ok(()), |c| Err(format!("holds the character U+{:04X}, which does not print", u32::from(c)))),
        bytes => Err(format!("has {bytes} bytes; at most {NAME_MAX}")),
    }
}

/// Neither controls, nor what turns the direction of text or hides in it, nor what stands for bytes that were no text.
fn prints(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_print_and_names_that_do_not() {
        for good in ["probe-1", "pod/eu west", "münchen-2", &"a".repeat(128)] {
            assert_eq!(check_name(good), Ok(()), "{good:?}");
        }
        for bad in ["", &"a".repeat(129), "a\0b", "a\nb", "a\u{202e}b", "\u{200b}", "a\u{fffd}", "\u{e0041}"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn figures_are_cut_to_what_can_be() {
        let odd = Facts {
            worker: "w".to_owned(),
            version: "1".to_owned(),
            in_flight: u32::MAX,
            limit: u32::MAX,
            queue_age_ms: u64::MAX,
            clock_offset_ms: i64::MIN,
            diagnosis: None,
        };
        let cut = odd.bounded().unwrap();
        assert_eq!((cut.in_flight, cut.queue_age_ms, cut.clock_offset_ms), (CHECKS_MAX, AGE_MAX_MS, -OFFSET_MAX_MS));
        assert_eq!(cut.clone().bounded(), Ok(cut));
    }
}
