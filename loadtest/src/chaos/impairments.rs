//! Faults in which nothing dies: a region that turns against the others, a Redis without memory, a PostgreSQL that takes no
//! writes.

use std::{sync::atomic::AtomicBool, thread::sleep, time::Duration};

use anyhow::{Context, Result, bail};
use testbed::{
    resp::{Reply, Socket},
    system::TestSystem,
};

use super::faults::HOSTILE;
use crate::hostile::{Attack, Attacker, Phase, Seen, delete_results, is_ahead};

/// Writes what the region's user may, and leaves the stream as an operator would: empty, where its last id lies ahead.
pub(super) fn attack(system: &TestSystem, seed: u64, seen: &Seen, lasts: Duration) -> Result<()> {
    let mut attacker = Attacker::new(system, Attack::with_seed(seed), seen.clone());
    attacker.run(Phase::Writes, lasts, &AtomicBool::new(false));
    let (tally, _) = attacker.end();
    if !tally.permitted.is_empty() {
        bail!("Redis let the region's user do what it may not: {:?}", tally.permitted);
    }
    // Redis may be away just now. Then what is ahead stays ahead, which the region alone has to bear.
    let mended = system.redis_operator().and_then(|mut operator| {
        if is_ahead(&mut operator, HOSTILE)? { delete_results(&mut operator, HOSTILE) } else { Ok(()) }
    });
    if let Err(why) = mended {
        eprintln!("           the results of {HOSTILE} stay as they are: {why:#}");
    }
    Ok(())
}

/// Leaves Redis half of the memory it uses.
pub(super) fn fill_redis(system: &TestSystem, lasts: Duration) -> Result<()> {
    fill(&mut system.redis_operator()?)?;
    sleep(lasts);
    set_limit(&mut system.redis_operator()?, 0)
}

fn fill(operator: &mut Socket) -> Result<()> {
    let used = used_memory(operator)?;
    set_limit(operator, (used / 2).max(1))
}

fn set_limit(operator: &mut Socket, bytes: u64) -> Result<()> {
    match operator.ask(&["CONFIG", "SET", "maxmemory", &bytes.to_string()])? {
        Reply::Simple(_) => Ok(()),
        refused => bail!("CONFIG SET maxmemory {bytes}: {refused:?}"),
    }
}

fn used_memory(operator: &mut Socket) -> Result<u64> {
    let info = operator.ask(&["INFO", "memory"])?.text().unwrap_or_default();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    used.and_then(|used| used.trim().parse().ok()).with_context(|| format!("no used_memory in: {info}"))
}

/// Each is a statement of its own: the first may not be part of a transaction.
const FORBID: [&str; 3] = [
    "alter system set default_transaction_read_only = on",
    "select pg_reload_conf()",
    "select pg_terminate_backend(pid) from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()",
];
const ALLOW: [&str; 2] = ["alter system reset default_transaction_read_only", "select pg_reload_conf()"];

/// Ends all sessions; those that come after may only read.
pub(super) fn forbid_writes(system: &TestSystem, lasts: Duration) -> Result<()> {
    FORBID.iter().try_for_each(|sql| system.sql(sql).map(drop))?;
    sleep(lasts);
    ALLOW.iter().try_for_each(|sql| system.sql(sql).map(drop))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use testbed::{schema::Schema, servers::Redis};

    use super::*;

    #[test]
    fn a_full_redis_refuses_writes_until_it_has_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let redis = Redis::start(folder.path(), &[]).unwrap();
        let mut socket = Socket::open(redis.port(), None).unwrap();
        fill(&mut socket).unwrap();
        assert!(matches!(socket.ask(&["SET", "a", "b"]).unwrap(), Reply::Error(why) if why.starts_with("OOM")));
        assert_eq!(socket.ask(&["PING"]).unwrap().text().as_deref(), Some("PONG"));
        set_limit(&mut socket, 0).unwrap();
        assert_eq!(socket.ask(&["SET", "a", "b"]).unwrap().text().as_deref(), Some("OK"));
    }

    #[test]
    fn a_read_only_postgres_takes_no_writes_until_it_may_again() {
        let schema = Schema::new().unwrap();
        let write = || schema.ask("insert into organisations (id, name) values (gen_random_uuid(), 'x')");
        // A reload reaches the postmaster a moment later.
        let until = |works: bool| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while write().is_ok() != works {
                assert!(Instant::now() < deadline, "writes work: {}", !works);
            }
        };
        until(true);
        let run = |sql: &&str| schema.ask(sql).map(drop);
        FORBID.iter().try_for_each(run).unwrap();
        until(false);
        assert_eq!(schema.ask("select 1").unwrap(), "1");
        ALLOW.iter().try_for_each(run).unwrap();
        until(true);
    }
}
