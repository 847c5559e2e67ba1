//! The last look at all lanes, which ages by itself.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use domain::stale::{LaneAges, STALLED_S};
use store::lanes::Seen;

/// Clones share what was seen.
#[derive(Clone, Debug, Default)]
pub struct LanesSeen(Arc<Mutex<Vec<Look>>>);

/// A lane as it was seen.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    held_at: Instant,
    row: Seen,
    now_ms: i64,
}

impl Look {
    fn ages(&self, now: Instant) -> LaneAges {
        let later = now.saturating_duration_since(self.at).as_secs_f64();
        let since = |second: i64| ((self.now_ms - second * 1000) as f64 / 1000.0).max(0.0) + later;
        LaneAges {
            lane: self.row.lane,
            heard: self.row.heard,
            silent: since(self.row.heard),
            unclosed: since(self.row.closed),
            unpushed: since(self.row.frontier),
            unheld: if self.row.is_held { 0.0 } else { now.saturating_duration_since(self.held_at).as_secs_f64() },
        }
    }
}

impl LanesSeen {
    /// Takes in the rows of all lanes as they are at `now_ms`, Redis milliseconds.
    pub fn see(&self, rows: &[Seen], now_ms: i64) {
        let at = Instant::now();
        let mut looks = self.lock();
        let held_at = |row: &Seen| {
            let known = looks.iter().find(|look| look.row.lane == row.lane);
            known.filter(|_| !row.is_held).map_or(at, |look| look.held_at)
        };
        let new: Vec<_> = rows.iter().map(|row| Look { at, held_at: held_at(row), row: *row, now_ms }).collect();
        *looks = new;
    }

    /// How old everything is now; nothing before the first look.
    pub fn ages(&self) -> Vec<LaneAges> {
        let now = Instant::now();
        self.lock().iter().map(|look| look.ages(now)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Look>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What `/readyz` says of lanes: each condition, and a sentence where it fails.
pub fn conditions(ages: &[LaneAges]) -> Vec<(String, Result<(), String>)> {
    if ages.is_empty() {
        return vec![("lanes".to_owned(), Err("PostgreSQL has not said yet how the lanes are".to_owned()))];
    }
    ages.iter().flat_map(of_lane).collect()
}

fn of_lane(ages: &LaneAges) -> [(String, Result<(), String>); 3] {
    let lane = ages.lane;
    let state = |age: f64, sentence: String| if age > STALLED_S { Err(sentence) } else { Ok(()) };
    [
        (
            format!("lane {lane} lease"),
            state(ages.unheld, format!("no replica has held lane {lane} for {:.0} s", ages.unheld)),
        ),
        (
            format!("lane {lane} pushed"),
            state(ages.unpushed, format!("no check of lane {lane} has been pushed for {:.0} s", ages.unpushed)),
        ),
        (
            format!("lane {lane} stored"),
            state(ages.silent, format!("no result of lane {lane} has been stored for {:.0} s", ages.silent)),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::keys::Lane;

    use super::*;

    const ROW: Seen = Seen { lane: Lane(0), frontier: 1_000, closed: 800, heard: 998, is_held: true };

    fn at(look: &Look, later: u64) -> LaneAges {
        look.ages(look.at + Duration::from_secs(later))
    }

    #[test]
    fn what_was_seen_last_grows_old_by_itself() {
        let now = Instant::now();
        let look = Look { at: now, held_at: now, row: ROW, now_ms: 1_000_500 };
        let fresh = LaneAges { lane: Lane(0), heard: 998, silent: 2.5, unclosed: 200.5, unpushed: 0.5, unheld: 0.0 };
        assert_eq!(at(&look, 0), fresh);
        let old = LaneAges { silent: 62.5, unclosed: 260.5, unpushed: 60.5, ..fresh };
        assert_eq!(at(&look, 60), old, "whether it is still held nobody knows");
        let unheld = Look { row: Seen { is_held: false, ..ROW }, ..look };
        assert_eq!(at(&unheld, 60), LaneAges { unheld: 60.0, ..old });
    }

    #[test]
    fn a_lane_nobody_holds_ages_from_the_last_time_somebody_did() {
        let seen = LanesSeen::default();
        assert_eq!(seen.ages(), []);
        seen.see(&[ROW], 1_000_000);
        let held_at = seen.lock()[0].held_at;
        seen.see(&[Seen { is_held: false, ..ROW }], 1_001_000);
        assert_eq!(seen.lock()[0].held_at, held_at);
        seen.see(&[ROW], 1_002_000);
        assert!(seen.lock()[0].held_at > held_at);
    }

    fn red(ages: LaneAges) -> Vec<String> {
        conditions(&[ages]).into_iter().filter_map(|(name, state)| Some(format!("{name}: {}", state.err()?))).collect()
    }

    #[test]
    fn a_takeover_is_no_trouble_and_a_stall_is() {
        let fresh = LaneAges { lane: Lane(1), heard: 998, silent: 2.0, unclosed: 182.0, unpushed: 1.0, unheld: 0.0 };
        assert_eq!(red(fresh), Vec::<String>::new());
        assert_eq!(red(LaneAges { silent: 14.0, unpushed: 13.0, unheld: 4.0, ..fresh }), Vec::<String>::new());
        assert_eq!(
            red(LaneAges { silent: 47.3, ..fresh }),
            ["lane 1 stored: no result of lane 1 has been stored for 47 s"]
        );
        assert_eq!(
            red(LaneAges { unpushed: 16.0, unheld: 20.0, ..fresh }),
            [
                "lane 1 lease: no replica has held lane 1 for 20 s",
                "lane 1 pushed: no check of lane 1 has been pushed for 16 s",
            ]
        );
        assert_eq!(conditions(&[])[0].0, "lanes");
        assert!(conditions(&[])[0].1.is_err());
    }
}
