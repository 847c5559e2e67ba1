//! The sentences of a notification: a subject, and lines of facts under it.

use chrono::DateTime;

use super::{About, Message, Notification, RegionVote, Severity};
use crate::incident::{Closing, Kind, Level, What};

impl Notification {
    /// One line that says it all: `api is down: connect`, `12 incidents: 10 opened, 2 resolved`.
    pub fn subject(&self) -> String {
        let subject = match self {
            Self::One(message) => message.subject(),
            Self::Digest { messages, .. } => format!("{} incidents: {}", messages.len(), counts(messages)),
            Self::Test { .. } => "Test of a channel".to_owned(),
        };
        // It becomes a header, and names may have come in before they were looked at.
        subject.replace(char::is_control, " ")
    }

    /// What stands under the subject, one line each: facts of one incident, or the subjects of many.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::One(message) => message.facts().into_iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            Self::Digest { messages, .. } => messages.iter().map(Message::subject).collect(),
            Self::Test { organisation, channel, .. } => vec![
                format!("{organisation} will be told of incidents here. Nothing is wrong now."),
                format!("Channel: {}", channel.1),
            ],
        }
    }

    /// How it feels; a digest is as bad as its worst message.
    pub fn severity(&self) -> Severity {
        match self {
            Self::One(message) => message.severity(),
            Self::Digest { messages, .. } => {
                let tones = || messages.iter().map(Message::severity);
                let worst = [Severity::Bad, Severity::Warning, Severity::Good]
                    .into_iter()
                    .find(|severity| tones().any(|t| t == *severity));
                worst.unwrap_or(Severity::Plain)
            }
            Self::Test { .. } => Severity::Plain,
        }
    }
}

/// `10 opened, 2 resolved`, in the order of what there is.
fn counts(messages: &[Message]) -> String {
    let count = |what: &What| messages.iter().filter(|message| message.what == *what).count();
    let some = What::ALL.iter().map(|what| (what, count(what))).filter(|(_, n)| *n > 0);
    some.map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
}

impl Message {
    /// One line: what happened to whom.
    pub fn subject(&self) -> String {
        let About { level, worst, .. } = self.about;
        let by = self.about.by.as_deref().map_or(String::new(), |by| format!(" by {by}"));
        let now = self.about.clause("is", level);
        let lasted = self.lasted();
        match (self.what, self.closed.map(Closing::why)) {
            (What::Resolved, Some(why)) => {
                format!("Closed{by}: {why}. {} for {lasted}", self.about.clause("was", worst))
            }
            (What::Resolved, None) => format!("Resolved{by}: {} for {lasted}", self.about.clause("was", worst)),
            (What::Acknowledged, _) => format!("Acknowledged{by}: {now}"),
            (What::Flapping, _) => format!("Flapping: {now}{}, on and off", self.about.why()),
            (What::Reminded, _) => format!("Reminder: {now}{}, for {lasted} now", self.about.why()),
            (What::Escalated, _) => format!("Worse: {now}{}", self.about.why()),
            (What::Opened | What::Changed | What::Commented, _) => format!("{now}{}", self.about.why()),
        }
    }

    /// Names and values, the most useful first.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let about = &self.about;
        let reason = match (&about.reason, &about.detail) {
            (Some(reason), Some(detail)) => Some(format!("{}: {detail}", reason.as_str().replace('_', " "))),
            (Some(reason), None) => Some(reason.as_str().replace('_', " ")),
            (None, detail) => detail.clone(),
        };
        let over = about.resolved_at.map(|_| self.lasted());
        let facts = [
            ("URL", about.monitor.as_ref().map(|monitor| monitor.url.clone())),
            ("Region", about.region.clone()),
            ("Reason", reason),
            ("Regions", (!about.regions.is_empty()).then(|| region_votes(&about.regions))),
            ("Since", moment(about.opened_at)),
            ("Until", about.resolved_at.and_then(moment)),
            ("Lasted", over),
            ("Flapping", about.flapping.then(|| "it comes and goes".to_owned())),
            ("By", about.by.clone()),
            ("Organisation", Some(about.organisation.clone())),
        ];
        facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// How it feels.
    pub fn severity(&self) -> Severity {
        match (self.what, self.about.level) {
            (What::Resolved, _) if self.closed.is_some() => Severity::Plain,
            (What::Resolved, _) => Severity::Good,
            (What::Acknowledged | What::Commented, _) => Severity::Plain,
            (_, Level::Down | Level::Region | Level::Lane) => Severity::Bad,
            _ => Severity::Warning,
        }
    }

    /// From the opening to the resolve, or to this message.
    fn lasted(&self) -> String {
        lasting(self.about.resolved_at.unwrap_or_else(|| self.at.timestamp()) - self.about.opened_at)
    }
}

impl About {
    /// `api is down`, `api was down`.
    fn clause(&self, verb: &str, level: Level) -> String {
        let name = match (&self.monitor, &self.region) {
            (Some(monitor), _) => monitor.name.as_str(),
            (None, Some(region)) => region.as_str(),
            (None, None) => "something",
        };
        match (self.kind, level) {
            (Kind::Certificate, _) => format!("the certificate of {name} {verb} about to end"),
            (Kind::Coverage, _) => format!("{name} {verb} checked too little"),
            (Kind::Region, _) => format!("region {name} {verb} sick"),
            (Kind::Lane, _) => stand_still(verb),
            (Kind::Availability, Level::Regional) => format!("{name} {verb} down in some regions"),
            (Kind::Availability, Level::Degraded) => format!("{name} {verb} degraded"),
            (Kind::Availability, _) => format!("{name} {verb} down"),
        }
    }

    /// `: connect`, where a reason says more than the clause.
    fn why(&self) -> String {
        match (self.kind, self.reason) {
            (Kind::Availability, Some(reason)) => format!(": {}", reason.as_str().replace('_', " ")),
            _ => String::new(),
        }
    }
}

/// Most installations have one lane; which it is says the detail.
fn stand_still(verb: &str) -> String {
    let verb = if verb == "was" { "were" } else { "are" };
    format!("UpGuard's checks {verb} not running")
}

/// `eu-west down (connection refused), us-east up`.
fn region_votes(region_votes: &[RegionVote]) -> String {
    let one = |region_vote: &RegionVote| {
        let vote = region_vote.vote.as_deref().unwrap_or("has no vote");
        let why = if region_vote.why.is_empty() { String::new() } else { format!(" ({})", region_vote.why) };
        format!("{} {vote}{why}", region_vote.region)
    };
    region_votes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Unix seconds as people read them; absent where no calendar reaches.
pub fn moment(seconds: i64) -> Option<String> {
    DateTime::from_timestamp(seconds, 0).map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A time span in its two largest units: `45 s`, `12 min 5 s`, `2 h 5 min`, `3 d 4 h`.
fn lasting(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let two = |large: i64, name: &str, small: i64, unit: &str| {
        if small == 0 { format!("{large} {name}") } else { format!("{large} {name} {small} {unit}") }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::{lasting, moment};

    #[test]
    fn spans_have_two_units_at_most() {
        let cases = [(-3, "0 s"), (45, "45 s"), (120, "2 min"), (725, "12 min 5 s"), (7_500, "2 h 5 min")];
        for (seconds, words) in cases.into_iter().chain([(86_400, "1 d"), (273_599, "3 d 3 h")]) {
            assert_eq!(lasting(seconds), words);
        }
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(1_767_225_600).as_deref(), Some("2026-01-01 00:00:00 UTC"));
        assert_eq!(moment(i64::MAX), None);
    }
}
