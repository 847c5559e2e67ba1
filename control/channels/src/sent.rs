//! What came of one sending, as a value: who tries again, and when, is decided elsewhere.

use std::time::Duration;

use super::text::cut_bytes;

/// The most that is kept of an answer, bytes.
pub(super) const MAX_ANSWER: usize = 1_024;
/// Nobody is asked to wait longer than messages are kept trying.
const MAX_WAIT: Duration = Duration::from_hours(24);

/// What came of one sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Whether the receiver has it.
    pub ok: bool,
    /// The HTTP status or SMTP reply code; none where there was no answer.
    pub status: Option<u16>,
    /// What the receiver answered, or why there is no answer: at most [`MAX_ANSWER`] bytes, never a secret of ours.
    pub answer: String,
    /// The whole of it.
    pub took: Duration,
    /// How long the receiver asks to be left alone, a day at most.
    pub retry_after: Option<Duration>,
    /// Whether the receiver's own words say that the same again would be refused again.
    pub permanent: bool,
}

impl Sent {
    /// The receiver has it.
    pub fn accepted(status: u16, answer: impl Into<String>) -> Self {
        Self { ok: true, status: Some(status), ..Self::failed(answer) }
    }

    /// There is no answer; the sentence says why. Trying again may help.
    pub fn failed(why: impl Into<String>) -> Self {
        let answer = keep(&why.into());
        Self { ok: false, status: None, answer, took: Duration::ZERO, retry_after: None, permanent: false }
    }

    /// What came of `sending`, or that it took longer than `patience`.
    pub async fn within(patience: Duration, sending: impl Future<Output = Self>) -> Self {
        let sent = tokio::time::timeout(patience, sending).await;
        let late = || Self { took: patience, ..Self::failed(format!("no answer within {} s", patience.as_secs_f32())) };
        sent.unwrap_or_else(|_| late())
    }

    /// The receiver, or what is set here, makes this impossible.
    pub fn impossible(why: impl Into<String>) -> Self {
        Self { permanent: true, ..Self::failed(why) }
    }

    /// The receiver answered with this status.
    pub(super) fn refused(status: u16, permanent: bool, answer: impl Into<String>) -> Self {
        Self { status: Some(status), permanent, ..Self::failed(answer) }
    }

    pub(super) fn asking_to_wait(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait.map(|wait| wait.min(MAX_WAIT)), ..self }
    }
}

/// The beginning, without what no database or line can hold.
fn keep(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    cut_bytes(text.trim(), MAX_ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_bounded_and_storable() {
        assert_eq!(Sent::failed("a\0b ").answer, "ab");
        let long = Sent::accepted(200, "ä".repeat(2_000));
        assert!(long.ok && long.answer.len() <= MAX_ANSWER && long.answer.ends_with('…'));
    }

    #[test]
    fn nobody_is_left_alone_for_longer_than_a_day() {
        let wait = |seconds| Sent::failed("").asking_to_wait(Some(Duration::from_secs(seconds))).retry_after;
        assert_eq!(wait(30), Some(Duration::from_secs(30)));
        assert_eq!(wait(u64::MAX), Some(MAX_WAIT));
    }
}
