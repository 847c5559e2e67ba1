//! Which faults happen when: a pure function of the seed. And which missed slots a fault can answer for. It starts and
//! kills nothing.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// Control replicas of a run.
pub(super) const CONTROLS: usize = 2;
/// The region that turns against the others at times; in between it does its work.
pub(super) const HOSTILE: &str = "hostile";
/// The regions of the run's probes: two in one region, one in each other.
pub(super) const PROBES: [&str; 4] = ["eu-west", "eu-west", "us-east", HOSTILE];
/// Faults begin this late, once the system has settled, milliseconds.
const FIRST_MS: u64 = 4_000;
/// Beside the bag, processes are killed this often, milliseconds, and are away this long.
const KILLS_MS: std::ops::RangeInclusive<u64> = 4_000..=9_000;
const KILLED_MS: std::ops::RangeInclusive<u64> = 300..=3_000;
/// The most of the AOF's end that a crash takes with it, bytes.
const CUT_MAX: u64 = 64 * 1024;

/// What happens to whom. Numbers are places among the control replicas, or in [`PROBES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A control replica is killed with SIGKILL and started again.
    KillControl(usize),
    /// A control replica is stopped with SIGSTOP and woken again.
    PauseControl(usize),
    /// A probe is killed with SIGKILL and started again.
    KillProbe(usize),
    /// A probe is stopped with SIGSTOP and woken again.
    PauseProbe(usize),
    /// All probes of this probe's region are killed, and started again.
    RegionGone(usize),
    /// Redis is killed with SIGKILL and started again.
    KillRedis,
    /// Redis is killed with SIGKILL and so many bytes of its AOF's end are lost.
    CutRedis(u64),
    /// PostgreSQL shuts down ("fast") and starts again.
    StopPostgres,
    /// Whoever has the rights of [`HOSTILE`]'s user of Redis writes what it can, by this seed.
    HostileRegion(u64),
    /// Redis has less memory than it uses, and refuses all writes.
    FullRedis,
    /// PostgreSQL ends all sessions and takes no writes from new ones.
    ReadOnlyPostgres,
}

/// A fault and its time, in milliseconds from the window's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: Kind,
    /// When it begins.
    pub at_ms: u64,
    /// How long it lasts.
    pub lasts_ms: u64,
}

impl Fault {
    fn end_ms(&self) -> u64 {
        self.at_ms + self.lasts_ms
    }
}

impl Kind {
    /// One of each.
    const BAG: [Self; 11] = [
        Self::KillControl(0),
        Self::PauseControl(0),
        Self::KillProbe(0),
        Self::PauseProbe(0),
        Self::RegionGone(0),
        Self::KillRedis,
        Self::CutRedis(0),
        Self::StopPostgres,
        Self::HostileRegion(0),
        Self::FullRedis,
        Self::ReadOnlyPostgres,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KillControl(_) => "kill_control",
            Self::PauseControl(_) => "pause_control",
            Self::KillProbe(_) => "kill_probe",
            Self::PauseProbe(_) => "pause_probe",
            Self::RegionGone(_) => "region_gone",
            Self::KillRedis => "kill_redis",
            Self::CutRedis(_) => "cut_redis",
            Self::StopPostgres => "stop_postgres",
            Self::HostileRegion(_) => "hostile_region",
            Self::FullRedis => "full_redis",
            Self::ReadOnlyPostgres => "read_only_postgres",
        }
    }

    /// Whom it hits, in a word or two.
    pub fn target(self) -> String {
        match self {
            Self::KillControl(control) | Self::PauseControl(control) => format!("control-{control}"),
            Self::KillProbe(probe) | Self::PauseProbe(probe) => format!("probe {probe} in {}", PROBES[probe]),
            Self::RegionGone(probe) => PROBES[probe].to_owned(),
            Self::HostileRegion(seed) => format!("{HOSTILE}, by seed {seed}"),
            Self::KillRedis | Self::FullRedis => "redis".to_owned(),
            Self::CutRedis(bytes) => format!("redis, {bytes} bytes of its AOF"),
            Self::StopPostgres | Self::ReadOnlyPostgres => "postgres".to_owned(),
        }
    }

    /// Whether it kills control replicas or probes.
    pub fn kills(self) -> bool {
        matches!(self, Self::KillControl(_) | Self::KillProbe(_) | Self::RegionGone(_))
    }

    /// The region whose slots it concerns; absent where it is all of them.
    pub fn region(self) -> Option<&'static str> {
        match self {
            Self::KillProbe(probe) | Self::PauseProbe(probe) | Self::RegionGone(probe) => Some(PROBES[probe]),
            Self::HostileRegion(_) => Some(HOSTILE),
            _ => None,
        }
    }

    /// Whether a slot missed for `reason` in `region` can be this fault's doing. Everything can make a job late; only
    /// who pushes, or what pushing needs, can leave slots unpushed; only a probe, or a lost stream, leaves them untaken. A
    /// hostile region answers for its own slots alone.
    pub fn explains(self, reason: &str, region: &str) -> bool {
        let of_control =
            matches!(self, Self::KillControl(_) | Self::PauseControl(_) | Self::StopPostgres | Self::ReadOnlyPostgres);
        let of_redis = matches!(self, Self::KillRedis | Self::CutRedis(_) | Self::FullRedis);
        let of_probes = self.region().is_some_and(|hit| hit == region);
        match reason {
            "late" => of_control || of_redis || of_probes,
            "no_probe" | "crashed" => of_redis || of_probes,
            "scheduler" | "backpressure" => of_control || of_redis,
            _ => false,
        }
    }

    fn draw(self, rng: &mut StdRng) -> Self {
        let (control, probe) = (rng.random_range(0..CONTROLS), rng.random_range(0..PROBES.len()));
        match self {
            Self::KillControl(_) => Self::KillControl(control),
            Self::PauseControl(_) => Self::PauseControl(control),
            Self::KillProbe(_) => Self::KillProbe(probe),
            Self::PauseProbe(_) => Self::PauseProbe(probe),
            Self::RegionGone(_) => Self::RegionGone(probe),
            Self::CutRedis(_) => Self::CutRedis(rng.random_range(1..=CUT_MAX)),
            Self::HostileRegion(_) => Self::HostileRegion(rng.random_range(0..1_000_000)),
            other => other,
        }
    }

    fn lasts_ms(self, rng: &mut StdRng) -> u64 {
        rng.random_range(match self {
            Self::KillControl(_) | Self::KillProbe(_) => 1_000..=8_000,
            Self::PauseControl(_) | Self::PauseProbe(_) => 3_000..=14_000,
            Self::RegionGone(_) => 10_000..=20_000,
            Self::KillRedis | Self::CutRedis(_) => 500..=3_000,
            Self::StopPostgres | Self::ReadOnlyPostgres => 5_000..=20_000,
            Self::HostileRegion(_) => 5_000..=12_000,
            Self::FullRedis => 3_000..=15_000,
        })
    }

    /// Whether two faults need the same process.
    fn collides(self, other: Self) -> bool {
        use Kind::{
            CutRedis, FullRedis, HostileRegion, KillControl, KillProbe, KillRedis, PauseControl, PauseProbe,
            ReadOnlyPostgres, RegionGone, StopPostgres,
        };
        match (self, other) {
            (KillControl(a) | PauseControl(a), KillControl(b) | PauseControl(b))
            | (KillProbe(a) | PauseProbe(a), KillProbe(b) | PauseProbe(b)) => a == b,
            (RegionGone(a), KillProbe(b) | PauseProbe(b) | RegionGone(b))
            | (KillProbe(a) | PauseProbe(a), RegionGone(b)) => PROBES[a] == PROBES[b],
            (KillRedis | CutRedis(_) | FullRedis, KillRedis | CutRedis(_) | FullRedis)
            | (StopPostgres | ReadOnlyPostgres, StopPostgres | ReadOnlyPostgres)
            | (HostileRegion(_), HostileRegion(_)) => true,
            _ => false,
        }
    }
}

/// The faults of a window of `window_ms`: out of a bag, where every kind comes once before any comes again, and beside it
/// short kills of control replicas and probes. Faults overlap, but never two on one process; all are over when the window
/// ends.
pub fn schedule(seed: u64, window_ms: u64) -> Vec<Fault> {
    let mut faults = of_the_bag(seed, window_ms);
    let mut rng = StdRng::seed_from_u64(!seed);
    let mut at_ms = FIRST_MS;
    loop {
        at_ms += rng.random_range(KILLS_MS);
        let lasts_ms = rng.random_range(KILLED_MS);
        if at_ms + lasts_ms > window_ms {
            faults.sort_by_key(|fault| fault.at_ms);
            return faults;
        }
        let mut targets: Vec<_> =
            (0..CONTROLS).map(Kind::KillControl).chain((0..PROBES.len()).map(Kind::KillProbe)).collect();
        targets.shuffle(&mut rng);
        let is_free = |kind: &Kind| {
            !faults.iter().any(|fault| {
                fault.kind.collides(*kind) && fault.at_ms < at_ms + lasts_ms + 1_000 && at_ms < fault.end_ms() + 1_000
            })
        };
        faults.extend(targets.into_iter().find(is_free).map(|kind| Fault { kind, at_ms, lasts_ms }));
    }
}

fn of_the_bag(seed: u64, window_ms: u64) -> Vec<Fault> {
    let mut rng = StdRng::seed_from_u64(seed);
    let step = (window_ms.saturating_sub(20_000) / Kind::BAG.len() as u64).clamp(1_000, 8_000);
    let mut faults: Vec<Fault> = Vec::new();
    let mut bag = Vec::new();
    let mut at_ms = FIRST_MS;
    while at_ms + 1_000 <= window_ms {
        if bag.is_empty() {
            bag = Kind::BAG.to_vec();
            bag.shuffle(&mut rng);
        }
        let drawn: Vec<Kind> = bag.iter().map(|kind| kind.draw(&mut rng)).collect();
        let running = || faults.iter().filter(|fault| fault.end_ms() + 1_000 > at_ms);
        if let Some(place) = drawn.iter().position(|kind| !running().any(|fault| fault.kind.collides(*kind))) {
            bag.remove(place);
            let kind = drawn[place];
            let lasts_ms = kind.lasts_ms(&mut rng).min(window_ms - at_ms);
            faults.push(Fault { kind, at_ms, lasts_ms });
        }
        at_ms += rng.random_range(step / 2..=step * 3 / 2);
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_seed_is_the_schedule() {
        assert_eq!(schedule(1, 180_000), schedule(1, 180_000));
        assert_ne!(schedule(1, 180_000), schedule(2, 180_000));
    }

    #[test]
    fn every_kind_comes_and_none_outlasts_the_window() {
        for seed in 0..200 {
            for (window, kinds) in [(60_000, 9), (180_000, 11)] {
                let faults = schedule(seed, window);
                let seen: HashSet<_> = faults.iter().map(|fault| fault.kind.as_str()).collect();
                assert!(seen.len() >= kinds, "seed {seed}, {window} ms: {seen:?}");
                assert!(faults.iter().all(|fault| fault.end_ms() <= window));
                assert!(faults.is_sorted_by_key(|fault| fault.at_ms));
            }
        }
    }

    #[test]
    fn three_minutes_hold_twenty_kills() {
        for seed in 0..200 {
            let kills = schedule(seed, 180_000).iter().filter(|fault| fault.kind.kills()).count();
            assert!(kills >= 20, "seed {seed}: {kills}");
        }
    }

    #[test]
    fn no_process_is_struck_twice_at_once() {
        for seed in 0..200 {
            let faults = schedule(seed, 180_000);
            for (i, one) in faults.iter().enumerate() {
                for two in &faults[i + 1..] {
                    assert!(!one.kind.collides(two.kind) || one.end_ms() <= two.at_ms, "seed {seed}: {one:?} {two:?}");
                }
            }
        }
    }

    #[test]
    fn faults_answer_for_what_they_can_do() {
        assert!(Kind::StopPostgres.explains("scheduler", "eu-west"));
        assert!(!Kind::StopPostgres.explains("no_probe", "eu-west"));
        assert!(Kind::RegionGone(2).explains("late", "us-east"));
        assert!(!Kind::RegionGone(2).explains("late", "eu-west"));
        assert!(!Kind::KillRedis.explains("unsupported", "eu-west"));
        assert!(Kind::FullRedis.explains("late", "eu-west") && Kind::ReadOnlyPostgres.explains("scheduler", "eu-west"));
        assert!(!Kind::ReadOnlyPostgres.explains("no_probe", "eu-west"));
        for reason in ["late", "no_probe", "crashed", "scheduler", "backpressure"] {
            assert!(!Kind::HostileRegion(1).explains(reason, "eu-west"), "{reason}");
        }
        assert!(Kind::HostileRegion(1).explains("no_probe", HOSTILE));
    }
}
