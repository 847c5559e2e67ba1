//! A region that turned against its control plane: whoever has the rights of one region's user of Redis and means harm.
//! What it sends is a pure function of a seed and of what it can see; the connection that sends it is apart from that.

mod attacker;
mod facts;
mod framing;
mod ids;
mod outcomes;
mod protobuf;
mod random;
mod streams;

use std::str::FromStr;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

pub use self::attacker::{Attack, Attacker, Tally, delete_results, is_ahead};

/// The most bytes of one command.
pub const COMMAND_MAX: usize = 65 << 20;

/// One thing tried again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Facts as a probe sends them, so that there is something honest among the rest.
    HonestFacts,
    /// Facts under names of kilobytes, in strange letters, with control characters.
    OddNames,
    /// Facts under thousands of names.
    ManyNames,
    /// Facts with the largest and smallest numbers.
    ExtremeFacts,
    /// Outcomes of monitors nobody knows.
    UnknownMonitors,
    /// Outcomes of monitors that do not name the region.
    ForeignMonitors,
    /// Everything is down.
    Lies,
    /// Certificates that end tomorrow, ended long ago, never end.
    Certificates,
    /// Slots far back, far ahead, below zero, and the first and last there are.
    OddSlots,
    /// Every attempt from 0 to 255 and beyond.
    OddAttempts,
    /// Verdicts and reasons that do not belong together, or that are none.
    OddWords,
    /// Reasons that only control may give.
    ControlsReasons,
    /// Statuses, phases, times and addresses out of every range.
    OddNumbers,
    /// Details of up to 100,000 bytes, with bytes that are no UTF-8.
    Details,
    /// Evidence far beyond its bounds.
    OddEvidence,
    /// Millions of outcomes of two bytes.
    EmptyOutcomes,
    /// Entries of up to 64 MB.
    HugeEntries,
    /// Messages in messages, lengths that lie, wire types that do not exist.
    OddFraming,
    /// Bytes without meaning.
    RandomBytes,
    /// Messages that stop in their middle.
    Truncated,
    /// Versions nobody wrote.
    Versions,
    /// Entries with thousands of fields, with fields twice, with fields of odd names.
    ManyFields,
    /// As many small entries as go through.
    Flood,
    /// Groups by the thousand, under names that could be regions and names that could not.
    Groups,
    /// Consumers by the thousand.
    Consumers,
    /// Whatever the user has no right to: all of it has to be refused.
    Forbidden,
    /// Entries whose id lies minutes to ten years ahead.
    IdsAhead,
    /// Entries whose id lies far back.
    IdsBehind,
    /// The last id there can be.
    LastId,
    /// The position of every group set to the last id.
    Positions,
    /// Jobs of other regions taken, claimed and acknowledged.
    Silence,
}

/// What is tried in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Whatever no other region may notice.
    Writes,
    /// Positions of groups on the stream that all regions share: jobs are late until somebody sets them back.
    Positions,
    /// What the shared stream's rights cannot forbid: jobs of other regions vanish while it lasts.
    Silence,
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| format!("`{word}` is none of {}", known()))
    }
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 3] = [Self::Writes, Self::Positions, Self::Silence];
}

/// What the attacker knows.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Redis' clock, unix milliseconds.
    pub now_ms: i64,
    /// Its region.
    pub region: String,
    /// Monitors that name the region.
    pub here: Vec<u128>,
    /// Monitors that do not.
    pub elsewhere: Vec<u128>,
    /// The other regions.
    pub others: Vec<String>,
}

/// One command for Redis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it is an attempt at.
    pub kind: Kind,
    /// Its words.
    pub args: Vec<Vec<u8>>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 31] = [
        Self::HonestFacts,
        Self::OddNames,
        Self::ManyNames,
        Self::ExtremeFacts,
        Self::UnknownMonitors,
        Self::ForeignMonitors,
        Self::Lies,
        Self::Certificates,
        Self::OddSlots,
        Self::OddAttempts,
        Self::OddWords,
        Self::ControlsReasons,
        Self::OddNumbers,
        Self::Details,
        Self::OddEvidence,
        Self::EmptyOutcomes,
        Self::HugeEntries,
        Self::OddFraming,
        Self::RandomBytes,
        Self::Truncated,
        Self::Versions,
        Self::ManyFields,
        Self::Flood,
        Self::Groups,
        Self::Consumers,
        Self::Forbidden,
        Self::IdsAhead,
        Self::IdsBehind,
        Self::LastId,
        Self::Positions,
        Self::Silence,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HonestFacts => "honest_facts",
            Self::OddNames => "odd_names",
            Self::ManyNames => "many_names",
            Self::ExtremeFacts => "extreme_facts",
            Self::UnknownMonitors => "unknown_monitors",
            Self::ForeignMonitors => "foreign_monitors",
            Self::Lies => "lies",
            Self::Certificates => "certificates",
            Self::OddSlots => "odd_slots",
            Self::OddAttempts => "odd_attempts",
            Self::OddWords => "odd_words",
            Self::ControlsReasons => "controls_reasons",
            Self::OddNumbers => "odd_numbers",
            Self::Details => "details",
            Self::OddEvidence => "odd_evidence",
            Self::EmptyOutcomes => "empty_outcomes",
            Self::HugeEntries => "huge_entries",
            Self::OddFraming => "odd_framing",
            Self::RandomBytes => "random_bytes",
            Self::Truncated => "truncated",
            Self::Versions => "versions",
            Self::ManyFields => "many_fields",
            Self::Flood => "flood",
            Self::Groups => "groups",
            Self::Consumers => "consumers",
            Self::Forbidden => "forbidden",
            Self::IdsAhead => "ids_ahead",
            Self::IdsBehind => "ids_behind",
            Self::LastId => "last_id",
            Self::Positions => "positions",
            Self::Silence => "silence",
        }
    }

    /// Whether Redis has to refuse it for want of a right.
    pub fn is_forbidden(self) -> bool {
        self == Self::Forbidden
    }

    /// When it is tried.
    pub fn phase(self) -> Phase {
        match self {
            Self::Positions => Phase::Positions,
            Self::Silence => Phase::Silence,
            _ => Phase::Writes,
        }
    }

    /// How many commands of it come in a row.
    fn run(self, rng: &mut StdRng) -> usize {
        match self {
            Self::ManyNames => rng.random_range(1_000..5_000),
            Self::Flood => rng.random_range(5_000..20_000),
            Self::Groups => rng.random_range(100..500),
            Self::EmptyOutcomes | Self::HugeEntries | Self::LastId => 1,
            Self::IdsAhead => rng.random_range(1..4),
            Self::Forbidden => streams::FORBIDDEN,
            Self::Silence | Self::Positions => rng.random_range(2..20),
            _ => rng.random_range(2..40),
        }
    }

    /// Kinds of `phase`, in the order they are dealt. Ids ahead come last: until somebody sets the stream right, all
    /// that follows has an id that is as far ahead.
    fn dealt(phase: Phase, rng: &mut StdRng) -> Vec<Self> {
        let mut kinds: Vec<_> = Self::ALL.into_iter().filter(|kind| kind.phase() == phase).collect();
        if phase != Phase::Writes {
            return kinds;
        }
        kinds.retain(|kind| ![Self::IdsAhead, Self::LastId].contains(kind));
        kinds.shuffle(rng);
        kinds.push(if rng.random_bool(0.5) { Self::IdsAhead } else { Self::LastId });
        // The last is taken first.
        kinds.reverse();
        kinds
    }
}

/// Makes commands, one after the other.
pub struct Generator {
    rng: StdRng,
    hand: Vec<Kind>,
    phase: Phase,
    /// What is dealt; all where it is empty.
    only: Vec<Kind>,
    running: Option<(Kind, usize)>,
    groups: usize,
}

impl Generator {
    /// The same seed makes the same commands for who sees the same. Only kinds of `only` are made, or all.
    pub fn new(seed: u64, only: &[Kind]) -> Self {
        let rng = StdRng::seed_from_u64(seed ^ 0x0bad_5eed);
        Self { rng, hand: Vec::new(), phase: Phase::Writes, only: only.to_vec(), running: None, groups: 0 }
    }

    /// From now on what `phase` tries.
    pub fn turn_to(&mut self, phase: Phase) {
        self.phase = phase;
        self.hand.clear();
        self.running = None;
    }

    /// The next one.
    pub fn next(&mut self, seen: &Seen) -> Command {
        let (kind, left) = match self.running.take() {
            Some(running) => running,
            None => self.deal(),
        };
        self.running = (left > 1).then(|| (kind, left - 1));
        let args = self.args(kind, left, seen);
        Command { kind, args }
    }

    fn deal(&mut self) -> (Kind, usize) {
        if self.hand.is_empty() {
            self.hand = Kind::dealt(self.phase, &mut self.rng);
            self.hand.retain(|kind| self.only.is_empty() || self.only.contains(kind));
        }
        // Of what is never dealt in this phase there is nothing; something honest takes its place.
        let kind = self.hand.pop().unwrap_or(Kind::HonestFacts);
        (kind, kind.run(&mut self.rng))
    }

    fn args(&mut self, kind: Kind, left: usize, seen: &Seen) -> Vec<Vec<u8>> {
        let rng = &mut self.rng;
        match kind {
            Kind::Groups => {
                self.groups += 1;
                streams::group(rng, seen, self.groups)
            }
            Kind::Consumers => streams::consumer(rng, seen),
            Kind::Forbidden => streams::forbidden(seen, left),
            Kind::Positions => streams::position(rng, seen),
            Kind::Silence => streams::silence(rng, seen),
            Kind::IdsAhead => ids::ahead(rng, seen),
            Kind::IdsBehind => ids::behind(rng, seen),
            Kind::LastId => ids::last(rng, seen),
            Kind::EmptyOutcomes
            | Kind::HugeEntries
            | Kind::OddFraming
            | Kind::RandomBytes
            | Kind::Truncated
            | Kind::Versions
            | Kind::ManyFields => framing::entry(rng, seen, kind),
            Kind::HonestFacts | Kind::OddNames | Kind::ManyNames | Kind::ExtremeFacts => {
                entry(seen, "*", &[(b"v", b"1"), (b"f", &facts::facts(rng, kind))])
            }
            _ => entry(seen, "*", &[(b"v", b"1"), (b"o", &outcomes::batch(rng, seen, kind))]),
        }
    }
}

/// An entry for the region's results.
fn entry(seen: &Seen, id: &str, fields: &[(&[u8], &[u8])]) -> Vec<Vec<u8>> {
    let mut args = words(&["XADD", &format!("{{{K}}}:{}:results", seen.region), id]);
    args.extend(fields.iter().flat_map(|(name, value)| [name.to_vec(), value.to_vec()]));
    args
}

/// The stream all regions share.
const K: &str = "betteruptime:website";

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests;
