//! Budgets that replicas share, on a real Redis.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::time::Duration;

use testbed::servers::Redis;
use wire::{Allowance, Keys, Line, Link, Purse, Spent};

const SLOW: Allowance = Allowance { units: 1, per: Duration::from_hours(1), burst: 3 };

struct Stage {
    redis: Redis,
    keys: Keys,
    link: Link,
    _dir: tempfile::TempDir,
}

impl Stage {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let redis = Redis::start(dir.path(), &[]).unwrap();
        let link = Link::new(&redis.url(), 2).unwrap();
        Self { redis, keys: Keys::new("betteruptime:website", 0).unwrap(), link, _dir: dir }
    }

    async fn line(&self) -> Line {
        self.link.own().await.unwrap()
    }
}

fn purse(kind: &'static str, allowance: Allowance, cost: u32) -> Purse<'static> {
    Purse { kind, of: "somebody", allowance, cost }
}

#[tokio::test]
async fn two_replicas_share_a_budget() {
    let stage = Stage::start();
    let (mut one, mut other) = (stage.line().await, stage.line().await);
    let mut taken = 0;
    for _ in 0..4 {
        for line in [&mut one, &mut other] {
            taken += u32::from(wire::spend(line, &stage.keys, &[purse("org", SLOW, 1)]).await.unwrap() == Spent::All);
        }
    }
    assert_eq!(taken, 3);
    let keys = stage.redis.cli(&["KEYS", "*"]).unwrap();
    assert!(keys.starts_with("{betteruptime:website}:_budget:org:") && !keys.contains("somebody"), "{keys}");
    let left: i64 = stage.redis.cli(&["PTTL", &keys]).unwrap().parse().unwrap();
    assert!((3_590_000 * 3..=3_600_000 * 3).contains(&left), "{left}");
}

#[tokio::test]
async fn all_budgets_pay_or_none_does() {
    let stage = Stage::start();
    let mut line = stage.line().await;
    let small = Allowance { burst: 1, ..SLOW };
    let both = [purse("org", SLOW, 1), purse("host", small, 1)];
    assert_eq!(wire::spend(&mut line, &stage.keys, &both).await.unwrap(), Spent::All);
    let Spent::Short(1, wait) = wire::spend(&mut line, &stage.keys, &both).await.unwrap() else { panic!("not short") };
    assert!(wait > Duration::from_secs(3_590) && wait <= Duration::from_hours(1), "{wait:?}");
    // Had the refused request cost the first budget anything, this would be too much.
    assert_eq!(wire::spend(&mut line, &stage.keys, &[purse("org", SLOW, 2)]).await.unwrap(), Spent::All);
    assert_eq!(wire::spend(&mut line, &stage.keys, &[]).await.unwrap(), Spent::All);
}

#[tokio::test]
async fn a_budget_fills_again_and_a_large_request_takes_all_of_it() {
    let stage = Stage::start();
    let mut line = stage.line().await;
    let quick = Allowance { units: 100, per: Duration::from_secs(1), burst: 2 };
    let all = [purse("org", quick, 50)];
    assert_eq!(wire::spend(&mut line, &stage.keys, &all).await.unwrap(), Spent::All);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while wire::spend(&mut line, &stage.keys, &all).await.unwrap() != Spent::All {
        assert!(tokio::time::Instant::now() < deadline, "it never fills");
    }
}
