//! What the log is told of, and how often: whoever writes nonsense all the time must not fill the log as well. How much of it
//! there was, metrics say. Pure.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use wire::Region;

/// How often each kind of warning is given of a region.
const EVERY: Duration = Duration::from_secs(10);

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum About {
    /// Entries under ids ahead of Redis' time.
    Ahead,
    /// Results that nobody can read, or store.
    Dead,
    /// More results than probes can have.
    Flood,
    /// A group beyond the end of its stream.
    Group,
    /// Groups that could not be looked at.
    Groups,
    /// A batch that PostgreSQL refuses.
    Refused,
    /// Rechecks that could not be asked for.
    Unasked,
    /// Dead letters that could not be kept.
    Unburied,
    /// Regions that could not be registered.
    Unregistered,
    /// What was read and could not be trimmed.
    Untrimmed,
}

/// When each was given last.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    given: HashMap<(About, Option<Region>), Instant>,
}

impl Warnings {
    /// Whether a warning about a region, or about none, is to be given at `now`: none of its kind was lately.
    pub(super) fn is_news(&mut self, about: About, region: Option<&Region>, now: Instant) -> bool {
        self.given.retain(|_, given| now.saturating_duration_since(*given) < EVERY);
        let key = (about, region.cloned());
        let is_news = !self.given.contains_key(&key);
        if is_news {
            self.given.insert(key, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_of_each_region_now_and_then() {
        let [eu, us]: [Region; 2] = ["eu-west", "us-east"].map(|name| name.parse().unwrap());
        let began = Instant::now();
        let mut warnings = Warnings::default();
        let mut tells = |about, region, later| warnings.is_news(about, region, began + Duration::from_millis(later));
        let told = (0..400).filter(|turn| tells(About::Flood, Some(&eu), turn * 100)).count();
        assert_eq!(told, 4, "in 40 s");
        assert!(tells(About::Flood, Some(&us), 40_000), "another region");
        assert!(tells(About::Ahead, Some(&eu), 40_000), "something else");
        assert!(tells(About::Untrimmed, None, 40_000) && !tells(About::Untrimmed, None, 49_999));
        assert!(tells(About::Untrimmed, None, 50_000));
    }
}
