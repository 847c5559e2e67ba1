//! What a region found of a target that is not saved: it gets no row, and travels to whoever asked among what dashboards
//! are told, addressed to the job's own id in place of an organisation. It does not know how the jobs get to the regions.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wire::{Diagnosis, Evidence, LiveNotice, MonitorId, Outcome, Reason, Region, Verdict};

use super::live::{Publisher, TRIED};

/// One region's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Whose answer.
    pub region: Region,
    /// What was found.
    pub verdict: Verdict,
    /// Why it is not plainly up.
    pub reason: Option<Reason>,
    /// Why its probe doubts it.
    pub suspect: Option<Diagnosis>,
    /// When the check began, unix milliseconds.
    pub started_ms: i64,
    /// Microseconds of resolve, connect, tls, processing and transfer, where measured.
    pub phases_us: [Option<i32>; 5],
    /// The answer's status code.
    pub http_status: Option<i16>,
    /// Who answered.
    pub address: Option<IpAddr>,
    /// Earliest end of the certificates, unix seconds.
    pub cert_not_after: Option<i64>,
    /// A sentence for people.
    pub detail: Option<String>,
    /// What a failing check saw.
    pub evidence: Option<Box<Evidence>>,
}

impl Tried {
    /// What `region` answered.
    pub fn new(region: Region, outcome: Outcome) -> Self {
        let micros = |phase: Duration| i32::try_from(phase.as_micros()).unwrap_or(i32::MAX);
        Self {
            region,
            verdict: outcome.verdict,
            reason: outcome.reason,
            suspect: outcome.suspect,
            started_ms: outcome.started_ms,
            phases_us: outcome.phases.named().map(|(_, phase)| phase.map(micros)),
            http_status: outcome.http_status.and_then(|status| i16::try_from(status).ok()),
            address: outcome.address,
            cert_not_after: outcome.cert_not_after,
            detail: outcome.detail,
            evidence: outcome.evidence,
        }
    }

    /// The same without evidence that takes more than so many bytes as text.
    #[must_use]
    pub fn bounded(self, most: usize) -> Self {
        let fits = |seen: &Evidence| serde_json::to_string(seen).is_ok_and(|text| text.len() <= most);
        Self { evidence: self.evidence.filter(|seen| fits(seen)), ..self }
    }

    /// The word to whoever asked as `job`.
    fn notice(&self, job: MonitorId) -> LiveNotice {
        // Words, numbers and texts: JSON can hold every one of them.
        let data = serde_json::to_string(self).unwrap_or_default();
        LiveNotice { organisation: Some(job.0), event: TRIED.to_owned(), data }
    }

    /// The answer in a notice, if it is one to `job`.
    pub fn heard(notice: &LiveNotice, job: MonitorId) -> Option<Self> {
        let is_ours = notice.event == TRIED && notice.organisation == Some(job.0);
        is_ours.then(|| serde_json::from_str(&notice.data).ok()).flatten()
    }
}

/// Tells whoever asked, each as one job. Who asked has long stopped waiting when one is lost.
pub async fn tell(publisher: &Publisher, answers: &[(MonitorId, Tried)]) {
    publisher.write(answers.iter().map(|(job, tried)| tried.notice(*job)).collect()).await;
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_arrives_where_it_was_asked_for() {
        let (job, other) = (MonitorId(Uuid::from_u128(7)), MonitorId(Uuid::from_u128(8)));
        let evidence = Evidence { request: "GET / HTTP/1.1\nHost: x".to_owned(), ..Evidence::default() };
        let missed = Outcome::missed(job, 5, 255, Reason::Late, 5_007);
        let outcome = Outcome { cert_not_after: Some(9), evidence: Some(Box::new(evidence)), ..missed };
        let tried = Tried::new("eu-west".parse().unwrap(), outcome);
        let sent = tried.notice(job);
        assert_eq!(Tried::heard(&sent, job), Some(tried));
        assert_eq!(Tried::heard(&sent, other), None);
        assert_eq!(Tried::heard(&LiveNotice { event: "status".to_owned(), ..sent }, job), None);
    }
}
