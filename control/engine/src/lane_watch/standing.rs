//! Which lanes stand still, and when that is news. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use domain::{
    event::SilentLane,
    keys::Lane,
    stale::{LaneAges, STALLED_S, unchecked_up_to},
};

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Standing {
    told: Option<BTreeMap<Lane, Silence>>,
}

/// What people have to know of a lane that says nothing: whether it stands still, and the longest interval whose monitors
/// are `unknown` by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Silence {
    is_stalled: bool,
    unknown_up_to: i32,
}

fn silence(ages: &LaneAges) -> Option<Silence> {
    let silence = Silence { is_stalled: ages.silent > STALLED_S, unknown_up_to: unchecked_up_to(ages.silent) };
    (silence.is_stalled || silence.unknown_up_to > 0).then_some(silence)
}

impl Standing {
    /// Takes in how old everything is. Returns what dashboards are told where it is news; who reads the log hears of it as
    /// well.
    pub(super) fn turn(&mut self, ages: &[LaneAges]) -> Option<Vec<SilentLane>> {
        if ages.is_empty() {
            return None;
        }
        let silent: BTreeMap<_, _> = ages.iter().filter_map(|lane| Some((lane.lane, silence(lane)?))).collect();
        if self.told.as_ref() == Some(&silent) {
            return None;
        }
        self.log(ages, &silent);
        let told = ages.iter().filter_map(|lane| written(lane, *silent.get(&lane.lane)?)).collect();
        self.told = Some(silent);
        Some(told)
    }

    fn log(&self, ages: &[LaneAges], silent: &BTreeMap<Lane, Silence>) {
        let is_stalled = |lanes: &BTreeMap<Lane, Silence>, lane| lanes.get(&lane).is_some_and(|lane| lane.is_stalled);
        for LaneAges { lane, silent: age, .. } in ages {
            let was = self.told.as_ref().is_some_and(|told| is_stalled(told, *lane));
            match (was, is_stalled(silent, *lane)) {
                (false, true) => tracing::warn!(
                    %lane, silent_s = age.round(), "the lane stands still: nothing of it is stored, so its statuses turn unknown"
                ),
                (true, false) => tracing::info!(%lane, "the lane goes on"),
                _ => {}
            }
        }
    }
}

fn written(ages: &LaneAges, silence: Silence) -> Option<SilentLane> {
    let since = DateTime::from_timestamp(ages.heard, 0)?.to_rfc3339_opts(SecondsFormat::Millis, true);
    let Silence { is_stalled: stalled, unknown_up_to } = silence;
    Some(SilentLane { lane: ages.lane.0, since, stalled, unknown_up_to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(lane: i16, silent: f64) -> LaneAges {
        LaneAges { lane: Lane(lane), heard: 1_700_000_000, silent, unclosed: 0.0, unpushed: 0.0, unheld: 0.0 }
    }

    /// What is told second by second of a lane with these ages: nothing, or `-` for all is well, or the longest unknown
    /// interval, with `!` where it stands still.
    fn tells(ages: &[i32]) -> String {
        let mut standing = Standing::default();
        let mut turn = |age: &i32| {
            let Some(told) = standing.turn(&[lane(0, f64::from(*age))]) else { return ".".to_owned() };
            let Some(silent) = told.first() else { return "-".to_owned() };
            format!("{}{}", silent.unknown_up_to, if silent.stalled { "!" } else { "" })
        };
        ages.iter().map(&mut turn).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn it_is_told_when_a_lane_stops_when_more_turns_unknown_and_when_it_goes_on() {
        assert_eq!(tells(&[1, 2, 3, 0]), "- . . .");
        assert_eq!(tells(&[1, 9, 10, 14, 16, 19, 20, 1, 1]), "- 5 10 . 15! . 20! - .");
        assert_eq!(tells(&[3_599, 3_600, 2]), "1800! 3600! -");
    }

    #[test]
    fn what_is_told_names_the_last_second_that_is_known() {
        let told = Standing::default().turn(&[lane(0, 1.0), lane(1, 47.5)]).unwrap();
        let since = "2023-11-14T22:13:20.000Z".to_owned();
        let silent = SilentLane { lane: 1, since, stalled: true, unknown_up_to: 30 };
        assert_eq!(told, [silent]);
        assert_eq!(Standing::default().turn(&[]), None, "nobody has looked yet");
    }
}
