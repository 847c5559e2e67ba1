//! Whether what was told is true: the times sites were broken, beside what a receiver heard. Pure.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::receiver::Told;

/// How many sentences about what is wrong are kept.
const SAMPLES: usize = 30;

/// A time a site was broken, unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Just before its first request failed, at the earliest.
    pub from_ms: i64,
    /// Just after its last one did.
    pub to_ms: i64,
    /// Whether it lasted so long that somebody had to be told; a shorter one may go unseen.
    pub owed: bool,
}

/// When each monitor's site was broken, by the monitor's id; a monitor that is not here had a site that never was.
pub type Truth = BTreeMap<String, Vec<Break>>;

/// What is right and wrong about what was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Times a site was broken.
    pub incidents: usize,
    /// Of those, how many were told.
    pub opened: usize,
    /// Of those, how many were told to be over.
    pub resolved: usize,
    /// Openings for a site that was not broken.
    pub wrong: usize,
    /// Breaks that had to be told and were not, and what was told and never resolved.
    pub missed: usize,
    /// Further openings of one break, and what came again as if it were new.
    pub doubled: usize,
    /// What is wrong, in sentences.
    pub samples: Vec<String>,
}

/// What was heard of one incident.
#[derive(Default)]
struct Story<'a> {
    monitor: &'a str,
    opened_at: i64,
    opened: bool,
    resolved: bool,
}

/// Lays what was told beside the truth. An incident may open until `window_ms` after its site was mended: results can wait
/// that long until they are heard.
pub fn judge(truth: &Truth, told: &[Told], window_ms: i64) -> Judgement {
    let told: Vec<_> = told.iter().filter(|told| told.kind == "availability").collect();
    let mut found = Judgement { incidents: truth.values().map(Vec::len).sum(), ..Judgement::default() };
    found.count_twice(&told);
    let mut of_breaks: BTreeMap<(&str, usize), Vec<(&str, bool)>> = BTreeMap::new();
    for (incident, story) in stories(&told) {
        let breaks = truth.get(story.monitor).map_or(&[][..], Vec::as_slice);
        if !story.opened {
            found.missed += 1;
            found.say(format!("incident {incident} of monitor {} was resolved and never opened", story.monitor));
        }
        if let Some(place) = breaks.iter().rposition(|it| it.covers(story.opened_at, window_ms)) {
            of_breaks.entry((story.monitor, place)).or_default().push((incident, story.resolved));
        } else {
            found.wrong += 1;
            let (monitor, at) = (story.monitor, story.opened_at);
            found.say(format!("incident {incident} opened at {at}; monitor {monitor} was broken at {breaks:?}"));
        }
    }
    for (monitor, breaks) in truth {
        for (place, time) in breaks.iter().enumerate() {
            let incidents = of_breaks.get(&(monitor.as_str(), place)).map_or(&[][..], Vec::as_slice);
            found.weigh(monitor, time, incidents);
        }
    }
    found
}

impl Break {
    /// `opened_at` is cut to whole seconds.
    fn covers(&self, opened_at: i64, window_ms: i64) -> bool {
        (opened_at + 1) * 1000 > self.from_ms && opened_at * 1000 <= self.to_ms + window_ms
    }
}

/// Each incident's story, in the order they were heard of.
fn stories<'a>(told: &[&'a Told]) -> Vec<(&'a str, Story<'a>)> {
    let mut places = HashMap::new();
    let mut stories: Vec<(&str, Story<'_>)> = Vec::new();
    for told in told {
        let place = *places.entry(told.incident.as_str()).or_insert_with(|| {
            let monitor = told.monitor.as_deref().unwrap_or("(none)");
            stories.push((&told.incident, Story { monitor, opened_at: told.opened_at, ..Story::default() }));
            stories.len() - 1
        });
        let story = &mut stories[place].1;
        story.opened |= told.opens();
        story.resolved |= told.what == "resolved";
    }
    stories
}

impl Judgement {
    /// The same key, or an incident's opening or end, under two ids is news to a receiver that knows repeats by them.
    fn count_twice(&mut self, told: &[&Told]) {
        let mut keys = HashMap::new();
        let mut ends = HashMap::new();
        for told in told {
            let same_key = keys.insert(told.key.as_str(), told).is_some();
            let is_end = ["opened", "resolved"].contains(&told.what.as_str());
            let before = if is_end { ends.insert((told.incident.as_str(), told.what.as_str()), told) } else { None };
            if same_key || before.is_some() {
                self.doubled += 1;
                self.say(format!(
                    "{} of incident {} came twice, at last as {}",
                    told.what, told.incident, told.delivery
                ));
            }
        }
    }

    fn weigh(&mut self, monitor: &str, time: &Break, incidents: &[(&str, bool)]) {
        if incidents.is_empty() {
            if time.owed {
                self.missed += 1;
                self.say(format!("monitor {monitor} was broken and nobody was told: {time:?}"));
            }
            return;
        }
        self.opened += 1;
        if incidents.len() > 1 {
            self.doubled += incidents.len() - 1;
            self.say(format!("monitor {monitor}, broken once ({time:?}), has the incidents {incidents:?}"));
        }
        match incidents.iter().find(|(_, resolved)| !resolved) {
            None => self.resolved += 1,
            Some((incident, _)) => {
                self.missed += 1;
                self.say(format!("incident {incident} of monitor {monitor} was never resolved: {time:?}"));
            }
        }
    }

    /// Notes a sentence about something that is wrong.
    pub fn say(&mut self, sentence: String) {
        if self.samples.len() < SAMPLES {
            self.samples.push(sentence);
        }
    }

    /// Whether nothing is.
    pub fn is_right(&self) -> bool {
        self.wrong + self.missed + self.doubled == 0
    }

    /// For a report.
    pub fn json(&self, repeats: usize) -> Value {
        json!({
            "incidents": self.incidents, "opened": self.opened, "resolved": self.resolved, "false": self.wrong,
            "missed": self.missed, "doubled": self.doubled, "repeats": repeats,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `open a 12`: at second 12 incident `a` opened. Words: `open`, `worse`, `close`, `both` (a resolve that tells the
    /// opening too); a third word is when it opened, if not now; `as k` is the id it came under.
    fn told(line: &str) -> Told {
        let words: Vec<_> = line.split(' ').collect();
        let what = match words[0] {
            "open" => "opened",
            "worse" => "escalated",
            _ => "resolved",
        };
        let at: i64 = words[2].parse().unwrap();
        let opened_at = words.get(3).and_then(|word| word.parse().ok()).unwrap_or(at);
        let key = format!("{}:{what}", words[1]);
        let delivery = line.split_once(" as ").map_or(key.clone(), |(_, id)| id.to_owned());
        Told {
            at_ms: at * 1000,
            delivery,
            key,
            what: what.to_owned(),
            incident: words[1].to_owned(),
            kind: "availability".to_owned(),
            level: "down".to_owned(),
            opened_at,
            merged: words[0] == "both",
            monitor: Some(if words[1].starts_with('z') { "z" } else { "m" }.to_owned()),
        }
    }

    /// Monitor `m` was broken from second 100 to 140; a window of 20 s. Answers `opened resolved false missed doubled`.
    fn judged(lines: &[&str], owed: bool) -> (usize, usize, usize, usize, usize) {
        let broken = Break { from_ms: 100_400, to_ms: 140_000, owed };
        let truth = Truth::from([("m".to_owned(), vec![broken])]);
        let told: Vec<_> = lines.iter().map(|line| told(line)).collect();
        let found = judge(&truth, &told, 20_000);
        assert_eq!(found.is_right(), found.samples.is_empty());
        (found.opened, found.resolved, found.wrong, found.missed, found.doubled)
    }

    #[test]
    fn what_was_told_is_held_against_the_truth() {
        for (lines, opened, resolved, wrong, missed, doubled) in [
            (&["open a 100", "close a 150 100"][..], 1, 1, 0, 0, 0),
            (&["worse a 115 105", "close a 150 105"], 1, 1, 0, 0, 0),
            (&["open a 105", "worse a 115 105", "close a 150 105"], 1, 1, 0, 0, 0),
            (&["both a 160 110"], 1, 1, 0, 0, 0),
            (&["open a 160", "close a 170 160"], 1, 1, 0, 0, 0),
            (&[], 0, 0, 0, 1, 0),
            (&["open a 105"], 1, 0, 0, 1, 0),
            (&["close a 150 105"], 1, 1, 0, 1, 0),
            (&["open a 105", "close a 120 105", "open b 125", "close b 150 125"], 1, 1, 0, 0, 1),
            (&["open a 105", "open a 106 105 as digest:1", "close a 150 105"], 1, 1, 0, 0, 1),
            (&["open a 99", "close a 105 99"], 0, 0, 1, 1, 0),
            (&["open a 161", "close a 170 161"], 0, 0, 1, 1, 0),
            (&["open z1 120", "close z1 130 120", "open a 105", "close a 150 105"], 1, 1, 1, 0, 0),
        ] {
            assert_eq!(judged(lines, true), (opened, resolved, wrong, missed, doubled), "{lines:?}");
        }
    }

    #[test]
    fn a_short_break_may_go_unseen_but_is_told_once_and_to_its_end() {
        assert_eq!(judged(&[], false), (0, 0, 0, 0, 0));
        assert_eq!(judged(&["open a 105", "close a 150 105"], false), (1, 1, 0, 0, 0));
        assert_eq!(judged(&["open a 105"], false), (1, 0, 0, 1, 0));
    }

    #[test]
    fn each_break_of_a_monitor_is_judged_by_itself() {
        let time = |from: i64, to: i64| Break { from_ms: from * 1000, to_ms: to * 1000, owed: true };
        let truth = Truth::from([("m".to_owned(), vec![time(100, 110), time(120, 130)])]);
        let lines = ["open a 105", "close a 112 105", "open b 125", "close b 140 125"].map(told);
        let found = judge(&truth, &lines, 20_000);
        assert_eq!((found.incidents, found.opened, found.resolved), (2, 2, 2));
        assert!(found.is_right());
    }
}
