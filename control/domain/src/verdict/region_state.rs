//! One region's state on one monitor: the latest it said, and what it stands by until it is believed otherwise.

use wire::{Diagnosis, Reason, Verdict};

use super::Confirm;
use crate::{keys::RegionKey, schedule::silence};

/// Intervals without a sound word after which what a region stood by is forgotten: a single missed slot is no reason.
const FORGOTTEN: i64 = 3;

/// One thing a region said of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who said it.
    pub region: RegionKey,
    /// Which slot it spoke of.
    pub slot: i64,
    /// Which attempt at it.
    pub attempt: i16,
    /// What it said.
    pub verdict: Verdict,
    /// Why.
    pub reason: Option<Reason>,
    /// Why its probe doubts it.
    pub suspect: Option<Diagnosis>,
    /// When it was heard: Redis milliseconds.
    pub heard_ms: i64,
}

impl Evidence {
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.slot, self.attempt) > (other.slot, other.attempt)
    }

    /// What its region stands by that is not in doubt and does not find the monitor down.
    fn plain_vote(&self) -> Option<Vote> {
        match self.verdict {
            _ if !self.is_sound() => None,
            Verdict::Up => Some(Vote::Up),
            Verdict::Degraded => Some(Vote::Degraded),
            Verdict::Down | Verdict::Missed => None,
        }
    }

    /// Whether anybody looked, and trusts what they saw.
    fn is_sound(&self) -> bool {
        self.verdict != Verdict::Missed && self.suspect.is_none()
    }
}

/// What a region finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// It answers as it should.
    Up,
    /// It answers, but slowly, or its certificate ends soon.
    Degraded,
    /// It does not.
    Down,
}

/// Why a region has no vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing was ever heard.
    Unheard,
    /// Nothing was heard for two intervals.
    Silent,
    /// Its workers are gone.
    Absent,
    /// Its probe doubts what it saw.
    Suspect(Diagnosis),
    /// Nobody looked.
    Missed(Option<Reason>),
    /// It failed, but not often enough to be believed, and nothing was known before.
    Undecided,
}

impl Silence {
    /// Every word, in declared order.
    pub const WORDS: [&str; 6] = ["unheard", "silent", "absent", "suspect", "missed", "undecided"];

    /// The word; what is doubted and why nobody looked stands in the latest outcome.
    pub fn as_str(self) -> &'static str {
        let [unheard, silent, absent, suspect, missed, undecided] = Self::WORDS;
        match self {
            Self::Unheard => unheard,
            Self::Silent => silent,
            Self::Absent => absent,
            Self::Suspect(_) => suspect,
            Self::Missed(_) => missed,
            Self::Undecided => undecided,
        }
    }
}

impl serde::Serialize for Silence {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// What came of hearing something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that matters.
    Same,
    /// A first failure, not believed yet.
    Doubt,
    /// It stands by something else now.
    Turned,
    /// A contrary attempt, and not the last that is needed.
    Wavers,
}

/// What a region stands by, and the attempts in a row that say otherwise.
pub type Standing = (Option<Vote>, u8);

/// A region's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionState {
    /// The latest it said.
    pub latest: Evidence,
    /// What it stands by.
    pub settled: Option<Vote>,
    /// Attempts in a row that say otherwise.
    pub run: u8,
    /// When it last said something sound: Redis milliseconds.
    spoke_ms: i64,
}

impl RegionState {
    /// A region state that said its first word; tells as well what came of it.
    pub fn new(first: Evidence, confirm: Confirm) -> (Self, Heard) {
        let mut region_state = Self { latest: first, settled: None, run: 0, spoke_ms: first.heard_ms };
        let heard = region_state.weigh(first, confirm);
        (region_state, heard)
    }

    /// A region state as it was when its region said `latest`: what it stood by is kept where that does not follow from it.
    pub fn restored(latest: Evidence, kept: Option<Standing>) -> Self {
        let (settled, run) = kept.unwrap_or_else(|| (latest.plain_vote(), 0));
        Self { latest, settled, run, spoke_ms: latest.heard_ms }
    }

    /// What the next owner of its lane has to be told; nothing where it follows from the latest it said.
    pub fn standing(&self) -> Option<Standing> {
        (!self.is_plain()).then_some((self.settled, self.run))
    }

    /// Takes in something new; nothing where it is older than what is known, for replays and reordering are ordinary.
    pub fn hear(&mut self, new: Evidence, interval: i32, confirm: Confirm) -> Option<Heard> {
        if !new.is_newer_than(&self.latest) {
            return None;
        }
        let forgotten = new.heard_ms - self.spoke_ms >= FORGOTTEN * 1_000 * i64::from(interval);
        if forgotten && self.settled != Some(Vote::Down) {
            // Up is never taken from what lies before a silence.
            (self.settled, self.run) = (None, 0);
        }
        self.latest = new;
        Some(self.weigh(new, confirm))
    }

    fn weigh(&mut self, new: Evidence, confirm: Confirm) -> Heard {
        if !new.is_sound() {
            return Heard::Same;
        }
        self.spoke_ms = new.heard_ms;
        let found = match new.verdict {
            Verdict::Down => Vote::Down,
            Verdict::Degraded => Vote::Degraded,
            Verdict::Up | Verdict::Missed => Vote::Up,
        };
        let was_down = self.settled == Some(Vote::Down);
        if (found == Vote::Down) == was_down {
            self.run = 0;
            return if was_down { Heard::Same } else { self.settle(found) };
        }
        // The contrary of what it stands by, or a failure where it stands by nothing.
        self.run = self.run.saturating_add(1);
        let needed = if was_down { confirm.recoveries } else { confirm.failures };
        match self.run {
            run if run >= needed => self.settle(found),
            1 if !was_down => Heard::Doubt,
            _ => Heard::Wavers,
        }
    }

    fn settle(&mut self, found: Vote) -> Heard {
        self.run = 0;
        let before = self.settled.replace(found);
        if before == Some(found) { Heard::Same } else { Heard::Turned }
    }

    /// When it last looked, and trusted what it saw, as far as that is known: Redis milliseconds.
    pub fn looked_ms(&self) -> Option<i64> {
        (self.settled.is_some() || self.latest.is_sound()).then_some(self.spoke_ms)
    }

    /// From when on the region counts as silent, if it says no more: Redis milliseconds.
    pub fn silent_from_ms(&self, interval: i32) -> i64 {
        self.latest.heard_ms + silence(interval).0 * 1_000
    }

    /// Its vote at `now_ms`, or why it has none.
    pub fn vote(&self, now_ms: i64, interval: i32) -> Result<Vote, Silence> {
        if now_ms >= self.silent_from_ms(interval) {
            return Err(Silence::Silent);
        }
        match (self.latest.verdict, self.latest.suspect) {
            (Verdict::Missed, _) => Err(Silence::Missed(self.latest.reason)),
            (_, Some(diagnosis)) => Err(Silence::Suspect(diagnosis)),
            _ => self.settled.ok_or(Silence::Undecided),
        }
    }

    /// Whether it belongs to those a quorum is taken of, though it has no vote at `now_ms`: what it stood by a moment ago
    /// was not down. One missed slot must not make a minority of the rest a quorum.
    pub fn abstains(&self, now_ms: i64, interval: i32) -> bool {
        self.settled.is_some_and(|vote| vote != Vote::Down)
            && now_ms - self.spoke_ms < FORGOTTEN * 1_000 * i64::from(interval)
    }

    /// Whether it fails and is not believed yet.
    pub fn is_in_doubt(&self) -> bool {
        self.run > 0 && self.settled != Some(Vote::Down)
    }

    /// Forgets that it found the monitor down, which others have overruled while it had no vote.
    pub fn reassess(&mut self) {
        (self.settled, self.run) = (None, 0);
    }

    /// Whether the next owner of its lane has to be told more than the latest it said.
    pub fn is_plain(&self) -> bool {
        self.run == 0 && self.settled != Some(Vote::Down)
    }
}
