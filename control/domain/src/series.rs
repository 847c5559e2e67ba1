//! How long checks took over a range of time, in as many steps as a chart has room for. Pure: counts of moments come in,
//! lines come out. Where nobody was answered there is a gap, never a zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::keys::RegionKey;

/// Steps of a range at most.
const MOST: i64 = 1_500;
const HOUR: i64 = 3_600;
/// Widths of a step in seconds, where single results are looked at, and where summaries of hours are.
const STEPS: [i64; 12] = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, HOUR];
const HOURS: [i64; 7] = [1, 2, 3, 4, 6, 12, 24];
/// A place of a histogram spans a tenth: its middle is at most 5 % off.
const TENTH: f64 = 1.1;

/// A range in steps. The first step begins at or before `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First second.
    pub from: i64,
    /// The second behind the last one.
    pub to: i64,
    /// Seconds of a step.
    pub step: i64,
}

impl Range {
    /// The finest one for single results of a monitor with this interval; none where they are too many for a chart.
    pub fn fine(from: i64, to: i64, interval: i64) -> Option<Self> {
        Self::of(from, to, STEPS.into_iter().filter(|step| *step >= interval))
    }

    /// The finest one for summaries of hours; none where the range is longer than any chart.
    pub fn coarse(from: i64, to: i64) -> Option<Self> {
        Self::of(from, to, HOURS.into_iter().map(|hours| hours * HOUR))
    }

    fn of(from: i64, to: i64, steps: impl Iterator<Item = i64>) -> Option<Self> {
        steps.map(|step| Self { from: from - from.rem_euclid(step), to, step }).find(|range| range.len() <= MOST)
    }

    fn len(self) -> i64 {
        (self.to - self.from + self.step - 1).div_euclid(self.step)
    }

    fn place(self, at: i64) -> Option<usize> {
        usize::try_from((at - self.from).div_euclid(self.step)).ok().filter(|place| (*place as i64) < self.len())
    }

    /// The first second of each step.
    pub fn moments(self) -> Vec<i64> {
        (0..self.len()).map(|place| self.from + place * self.step).collect()
    }
}

/// What was found in some moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    /// Up, degraded, down and missed, without what is suspect.
    pub verdicts: [i64; 4],
    /// Microseconds together, and how many were measured: of resolve, connect, tls, processing and transfer.
    pub phases: [(f64, i64); 5],
    /// Whole checks that were answered: microseconds, and how many took so long.
    pub took: Vec<(u32, u32)>,
}

impl Checks {
    fn add(&mut self, other: &Self) {
        for (all, more) in self.verdicts.iter_mut().zip(other.verdicts) {
            *all += more;
        }
        for (all, more) in self.phases.iter_mut().zip(other.phases) {
            *all = (all.0 + more.0, all.1 + more.1);
        }
        self.took.extend_from_slice(&other.took);
    }
}

/// The entries of a stored histogram: `place × 65536 + how many`.
pub fn histogram(entries: &[i32]) -> Vec<(u32, u32)> {
    let middle = |place: i32| TENTH.powf(f64::from(place) + 0.5).round() as u32;
    entries.iter().map(|entry| (middle(entry >> 16), (entry & 0xffff) as u32)).collect()
}

/// What a region found in the step or the hour that begins with a second.
#[derive(Clone, Debug)]
pub struct Part {
    /// That second.
    pub at: i64,
    /// From where.
    pub region: RegionKey,
    /// What.
    pub checks: Checks,
}

/// The lines of a chart. All lists are as long as there are steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SeriesLines))]
pub struct Lines {
    /// Milliseconds of whole checks; null where none was answered.
    pub p50: Vec<Option<f64>>,
    /// Likewise.
    pub p95: Vec<Option<f64>>,
    /// Likewise.
    pub p99: Vec<Option<f64>>,
    /// Means of each phase of answered checks.
    pub phases: PhaseLines,
    /// Checks by verdict.
    pub up: Vec<i64>,
    /// Likewise.
    pub degraded: Vec<i64>,
    /// Likewise.
    pub down: Vec<i64>,
    /// Likewise.
    pub missed: Vec<i64>,
    /// Over the whole range.
    pub summary: Summary,
}

/// Mean milliseconds; null where none was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhaseLines {
    /// Name resolution.
    pub resolve: Vec<Option<f64>>,
    /// TCP connect.
    pub connect: Vec<Option<f64>>,
    /// TLS handshake.
    pub tls: Vec<Option<f64>>,
    /// From the request to the response head.
    pub processing: Vec<Option<f64>>,
    /// Reading the body.
    pub transfer: Vec<Option<f64>>,
}

/// A whole range in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SeriesSummary))]
pub struct Summary {
    /// Milliseconds of whole checks; null where none was answered.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p50: Option<f64>,
    /// Likewise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p95: Option<f64>,
    /// Likewise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p99: Option<f64>,
    /// Checks by verdict.
    pub up: i64,
    /// Likewise.
    pub degraded: i64,
    /// Likewise.
    pub down: i64,
    /// Likewise.
    pub missed: i64,
}

/// The lines of each region that has any, or of the wanted one, and of all together.
pub fn lines(range: Range, parts: &[Part]) -> (BTreeMap<RegionKey, Lines>, Lines) {
    let regions: BTreeSet<RegionKey> = parts.iter().map(|part| part.region).collect();
    let of = |wanted: Option<RegionKey>| {
        let mut steps = vec![Checks::default(); range.len().max(0) as usize];
        for part in parts.iter().filter(|part| wanted.is_none_or(|region| region == part.region)) {
            if let Some(step) = range.place(part.at).and_then(|place| steps.get_mut(place)) {
                step.add(&part.checks);
            }
        }
        drawn(steps)
    };
    (regions.into_iter().map(|region| (region, of(Some(region)))).collect(), of(None))
}

fn drawn(mut steps: Vec<Checks>) -> Lines {
    let mut whole = Checks::default();
    for step in &steps {
        whole.add(step);
    }
    let percentiles: Vec<_> = steps.iter_mut().map(|step| percentiles(&mut step.took)).collect();
    let line = |which: usize| percentiles.iter().map(|all| all.map(|all| all[which])).collect();
    let mean = |which: usize| steps.iter().map(|step| mean(step.phases[which])).collect();
    let count = |which: usize| steps.iter().map(|step| step.verdicts[which]).collect();
    let [resolve, connect, tls, processing, transfer] = [0, 1, 2, 3, 4].map(mean);
    let all = self::percentiles(&mut whole.took);
    let [up, degraded, down, missed] = whole.verdicts;
    let [p50, p95, p99] = [0, 1, 2].map(|which| all.map(|all| all[which]));
    Lines {
        p50: line(0),
        p95: line(1),
        p99: line(2),
        phases: PhaseLines { resolve, connect, tls, processing, transfer },
        up: count(0),
        degraded: count(1),
        down: count(2),
        missed: count(3),
        summary: Summary { p50, p95, p99, up, degraded, down, missed },
    }
}

fn mean((sum, measured): (f64, i64)) -> Option<f64> {
    (measured > 0).then(|| milliseconds(sum / measured as f64))
}

/// The 50th, 95th and 99th percentile in milliseconds, by nearest rank.
fn percentiles(took: &mut [(u32, u32)]) -> Option<[f64; 3]> {
    took.sort_unstable();
    let total: u64 = took.iter().map(|(_, checks)| u64::from(*checks)).sum();
    let at = |percent: u64| {
        let rank = (total * percent).div_ceil(100);
        let mut seen = 0;
        let found = took.iter().find(|(_, checks)| {
            seen += u64::from(*checks);
            seen >= rank
        });
        found.map(|(micros, _)| milliseconds(f64::from(*micros)))
    };
    (total > 0).then(|| [50, 95, 99].map(|percent| at(percent).unwrap_or_default()))
}

/// To three places.
fn milliseconds(micros: f64) -> f64 {
    micros.round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(at: i64, region: i16, took: &[(u32, u32)]) -> Part {
        let up = took.iter().map(|(_, checks)| i64::from(*checks)).sum();
        let checks = Checks { verdicts: [up, 0, 1, 0], phases: [(10.0, 1); 5], took: took.to_vec() };
        Part { at, region: RegionKey(region), checks }
    }

    #[test]
    fn steps_are_few_and_no_finer_than_the_checks() {
        let day = 86_400;
        for (range, step) in [
            (Range::fine(0, HOUR, 5), Some(5)),
            (Range::fine(0, day, 5), Some(60)),
            (Range::fine(0, day, 60), Some(60)),
            (Range::fine(0, day, 300), Some(300)),
            (Range::fine(7, day, 60), Some(60)),
            (Range::fine(0, 100 * day, 60), None),
            (Range::coarse(0, 30 * day), Some(HOUR)),
            (Range::coarse(1, 365 * day), Some(6 * HOUR)),
            (Range::coarse(0, 1_500 * day), Some(day)),
            (Range::coarse(0, 1_501 * day), None),
        ] {
            assert_eq!(range.map(|range| range.step), step, "{range:?}");
            assert!(range.is_none_or(|range| range.moments().len() as i64 <= MOST && range.from % range.step == 0));
        }
    }

    #[test]
    fn regions_merge_and_gaps_stay() {
        let range = Range { from: 0, to: 180, step: 60 };
        let parts = [
            part(0, 1, &[(1_000, 1)]),
            part(30, 1, &[(3_000, 1)]),
            part(0, 2, &[(9_000, 2)]),
            part(120, 2, &[(5_000, 1)]),
            part(180, 2, &[(5_000, 1)]),
            part(-1, 2, &[(5_000, 1)]),
        ];
        let (regions, all) = lines(range, &parts);
        let [one, two] = [RegionKey(1), RegionKey(2)].map(|region| &regions[&region]);
        assert_eq!(one.p50, [Some(1.0), None, None]);
        assert_eq!(two.p50, [Some(9.0), None, Some(5.0)]);
        assert_eq!((all.p50, all.p99), (vec![Some(3.0), None, Some(5.0)], vec![Some(9.0), None, Some(5.0)]));
        assert_eq!(
            (one.up.as_slice(), all.up.as_slice(), all.down.as_slice()),
            (&[2, 0, 0][..], &[4, 0, 1][..], &[3, 0, 1][..])
        );
        assert_eq!(all.phases.tls, [Some(0.01), None, Some(0.01)]);
        let summary = Summary { p50: Some(5.0), p95: Some(9.0), p99: Some(9.0), up: 5, down: 4, ..Summary::default() };
        assert_eq!(all.summary, summary);
        let (none, nothing) = lines(range, &[]);
        assert!(none.is_empty() && nothing.p50 == [None; 3] && nothing.summary == Summary::default());
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut hundred: Vec<(u32, u32)> = (1..=100).rev().map(|ms| (ms * 1_000, 1)).collect();
        assert_eq!(percentiles(&mut hundred), Some([50.0, 95.0, 99.0]));
        assert_eq!(percentiles(&mut [(1_000, 1), (2_000, 99)]), Some([2.0, 2.0, 2.0]));
        assert_eq!(percentiles(&mut [(7_000, 1)]), Some([7.0, 7.0, 7.0]));
        assert_eq!(percentiles(&mut []), None);
    }

    #[test]
    fn a_histogram_is_at_most_a_twentieth_off() {
        for micros in [1, 90, 1_234, 56_789, 999_999, 30_000_000] {
            let place = (f64::from(micros).ln() / TENTH.ln()).floor() as i32;
            let [(middle, checks)] = histogram(&[(place << 16) + 3])[..] else { panic!("one entry") };
            let off = (f64::from(middle) / f64::from(micros) - 1.0).abs();
            assert!(checks == 3 && off < 0.05, "{micros} µs reads {middle} µs");
        }
    }
}
