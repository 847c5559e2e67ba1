//! The vote: which regions can, what they say, how many it takes, and all of it in words.

use std::collections::HashSet;

use serde::Serialize;
use wire::{Diagnosis, Reason, Region, Verdict};

use super::{Confirm, Quorum, RegionState, Rules, Silence, Vote};
use crate::{
    keys::RegionKey,
    schedule::{chooses, silence},
    status::Status,
};

/// What a vote goes by, beside the region states.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The monitor's rules.
    pub rules: Rules,
    /// Seconds between its slots.
    pub interval: i32,
    /// The regions it is checked from; absent means all.
    pub chosen: Option<&'a [i16]>,
    /// Regions whose workers are gone.
    pub absent: &'a HashSet<RegionKey>,
    /// What time it is: Redis milliseconds, as far as results were heard.
    pub now_ms: i64,
}

impl Terms<'_> {
    /// Whether the region's word concerns this monitor at all.
    fn concerns(&self, region: RegionKey) -> bool {
        chooses(self.chosen, region)
    }

    /// Whether a region state is heard in this vote at all, with a vote or without.
    pub fn hears(&self, region_state: &RegionState) -> bool {
        let silent = self.now_ms >= region_state.silent_from_ms(self.interval);
        self.concerns(region_state.latest.region) && !self.absent.contains(&region_state.latest.region) && !silent
    }

    /// Whether a region state without a vote still belongs to those a quorum is taken of.
    fn abstains(&self, region_state: &RegionState, silence: Silence) -> bool {
        let for_a_moment = matches!(silence, Silence::Suspect(_) | Silence::Missed(_));
        for_a_moment && region_state.abstains(self.now_ms, self.interval)
    }

    /// What a region state says in this vote.
    fn vote(&self, region_state: &RegionState) -> Result<Vote, Silence> {
        if self.absent.contains(&region_state.latest.region) {
            return Err(Silence::Absent);
        }
        region_state.vote(self.now_ms, self.interval)
    }
}

/// Votes by what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Votes))]
pub struct Count {
    /// Regions that find it up.
    pub up: usize,
    /// Slow.
    pub degraded: usize,
    /// Down.
    pub down: usize,
    /// Regions that have no vote at the moment, and had one a moment ago: a quorum is taken of them too.
    pub abstain: usize,
}

impl Count {
    fn add(&mut self, vote: Vote) {
        *match vote {
            Vote::Up => &mut self.up,
            Vote::Degraded => &mut self.degraded,
            Vote::Down => &mut self.down,
        } += 1;
    }

    /// The regions that voted.
    pub fn voters(&self) -> usize {
        self.up + self.degraded + self.down
    }

    /// Those a quorum is taken of.
    fn electorate(&self) -> usize {
        self.voters() + self.abstain
    }

    /// Quorum of down is down, any down is regional, quorum of degraded is degraded; else up.
    fn status(&self, quorum: Quorum) -> Option<Status> {
        let needed = quorum.needed(self.electorate());
        match self {
            _ if self.voters() == 0 => None,
            Self { down, .. } if *down >= needed => Some(Status::Down),
            Self { down: 1.., .. } => Some(Status::Regional),
            Self { degraded, .. } if *degraded >= needed => Some(Status::Degraded),
            _ => Some(Status::Up),
        }
    }
}

/// The status these region states make. Pending where nobody ever spoke, or who did is not believed yet and knew nothing before;
/// unknown where nobody can vote any more.
pub fn judge(region_states: &[RegionState], terms: &Terms<'_>) -> Status {
    let mut count = Count::default();
    let mut undecided = region_states.is_empty();
    for region_state in region_states.iter().filter(|region_state| terms.concerns(region_state.latest.region)) {
        match terms.vote(region_state) {
            Ok(vote) => count.add(vote),
            Err(silence) => {
                undecided |= silence == Silence::Undecided;
                count.abstain += usize::from(terms.abstains(region_state, silence));
            }
        }
    }
    let nobody = if undecided { Status::Pending } else { Status::Unknown };
    count.status(terms.rules.quorum).unwrap_or(nobody)
}

/// The reason most regions give for `status`.
pub fn main_reason(region_states: &[RegionState], status: Status) -> Option<Reason> {
    let wanted = match status {
        Status::Down | Status::Regional => Verdict::Down,
        Status::Degraded => Verdict::Degraded,
        _ => return None,
    };
    let given = || {
        region_states
            .iter()
            .map(|region_state| region_state.latest)
            .filter(|said| said.verdict == wanted)
            .filter_map(|s| s.reason)
    };
    given().max_by_key(|reason| given().filter(|other| other == reason).count())
}

/// A verdict in words and numbers: what is stored with every change, and what `GET monitors/{id}/verdict` shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// What it comes to.
    pub status: Status,
    /// How many of the regions it takes, of those that can vote or could a moment ago.
    pub quorum: Quorum,
    /// That, as a number.
    pub needed: usize,
    /// How many regions can vote.
    pub can_vote: usize,
    /// What they say.
    pub votes: Count,
    /// How often a region must say so to be believed.
    pub confirm: Confirm,
    /// Seconds without a result after which a region has no vote.
    pub silent_after: i64,
    /// Region by region.
    pub regions: Vec<RegionVote>,
}

/// One region's part in a verdict.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegionVote {
    /// Who.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Its vote; none where it has none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub vote: Option<Vote>,
    /// Why it has this vote, or none, in a sentence.
    pub why: String,
    /// Attempts in a row that say otherwise than its vote, which `confirm` says how many it takes of; 0 where it has no say.
    pub run: u8,
    /// Why it has no vote; null where it has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub silence: Option<Silence>,
    /// Its latest outcome; nothing where there was none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub latest: Option<Latest>,
}

/// The latest outcome of a region.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Latest {
    /// The due moment it speaks of.
    pub slot: i64,
    /// Which attempt at it.
    pub attempt: i16,
    /// What was found.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::schema::Verdict))]
    pub verdict: Verdict,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::schema::Reason>, required))]
    pub reason: Option<Reason>,
    /// Why the probe doubts it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::schema::Diagnosis>, required))]
    pub suspect: Option<Diagnosis>,
}

/// Explains what [`judge`] says. `regions` are those the monitor is checked from, whether they spoke or not.
pub fn explain(region_states: &[RegionState], terms: &Terms<'_>, regions: &[(RegionKey, Region)]) -> Explanation {
    let mut votes = Count::default();
    let region_votes = regions.iter().filter(|(key, _)| terms.concerns(*key)).map(|(key, name)| {
        let region_state = region_states.iter().find(|region_state| region_state.latest.region == *key);
        let vote = region_state.map(|region_state| terms.vote(region_state));
        match (region_state, vote) {
            (_, Some(Ok(vote))) => votes.add(vote),
            (Some(region_state), Some(Err(silence))) => {
                votes.abstain += usize::from(terms.abstains(region_state, silence));
            }
            _ => {}
        }
        RegionVote {
            region: name.clone(),
            vote: vote.and_then(Result::ok),
            why: why(region_state, vote, terms),
            run: region_state.map_or(0, |region_state| region_state.run),
            silence: vote.map_or(Some(Silence::Unheard), Result::err),
            latest: region_state.map(Latest::of),
        }
    });
    let regions = region_votes.collect();
    let Rules { confirm, quorum } = terms.rules;
    let (can_vote, needed) = (votes.voters(), quorum.needed(votes.electorate()));
    let silent_after = silence(terms.interval).0;
    Explanation { status: judge(region_states, terms), quorum, needed, can_vote, votes, confirm, silent_after, regions }
}

impl Latest {
    fn of(region_state: &RegionState) -> Self {
        let said = region_state.latest;
        Self {
            slot: said.slot,
            attempt: said.attempt,
            verdict: said.verdict,
            reason: said.reason,
            suspect: said.suspect,
        }
    }
}

fn why(region_state: Option<&RegionState>, vote: Option<Result<Vote, Silence>>, terms: &Terms<'_>) -> String {
    let (Some(region_state), Some(vote)) = (region_state, vote) else { return "nothing was heard yet".to_owned() };
    let Confirm { failures, recoveries, .. } = terms.rules.confirm;
    let said = region_state.latest.reason.map_or(region_state.latest.verdict.as_str(), Reason::as_str);
    match vote {
        Err(Silence::Unheard) => "nothing was heard yet".to_owned(),
        Err(Silence::Silent) => format!("nothing was heard for two intervals ({} s)", silence(terms.interval).0),
        Err(Silence::Absent) => "the region's workers are gone".to_owned(),
        Err(Silence::Suspect(Diagnosis::Network)) => format!("{said}, but the probe's own network fails"),
        Err(Silence::Suspect(Diagnosis::Clock)) => format!("{said}, but the probe's clock is off"),
        Err(Silence::Missed(reason)) => {
            format!("nobody looked: {}", reason.map_or(Verdict::Missed.as_str(), Reason::as_str))
        }
        Err(Silence::Undecided) => format!("{said}: {} of {failures} failures in a row it takes", region_state.run),
        Ok(Vote::Down) if region_state.run > 0 => {
            format!("down before; {} of {recoveries} recoveries in a row it takes", region_state.run)
        }
        Ok(Vote::Down) if failures > 1 => format!("{said}: {failures} failures in a row or more"),
        Ok(Vote::Up | Vote::Degraded) if region_state.run > 0 => {
            format!("{said}: {} of {failures} failures in a row it takes", region_state.run)
        }
        Ok(_) => said.to_owned(),
    }
}
