//! Faults in which nothing dies: a region that turns against the others, a Redis without memory, a PostgreSQL that takes no
//! writes.

use std::{sync::atomic::AtomicBool, thread::sleep, time::Duration};

use anyhow::{Context, Result, bail};

use super::faults::HOSTILE;
use crate::{
    hostile::{Attack, Attacker, Phase, Seen, delete_results, is_ahead},
    house::House,
    resp::{Reply, Socket},
};

/// Writes what the region's user may, and leaves the stream as an operator would: empty, where its last id lies ahead.
pub(super) fn attack(house: &House, seed: u64, seen: &Seen, lasts: Duration) -> Result<()> {
    let mut attacker = Attacker::new(house, Attack::with_seed(seed), seen.clone());
    attacker.run(Phase::Writes, lasts, &AtomicBool::new(false));
    let (tally, _) = attacker.end();
    if !tally.permitted.is_empty() {
        bail!("Redis let the region's user do what it may not: {:?}", tally.permitted);
    }
    // Redis may be away just now. Then what is ahead stays ahead, which the region alone has to bear.
    let mended = house.redis_operator().and_then(|mut operator| {
        if is_ahead(&mut operator, HOSTILE)? { delete_results(&mut operator, HOSTILE) } else { Ok(()) }
    });
    if let Err(why) = mended {
        eprintln!("           the results of {HOSTILE} stay as they are: {why:#}");
    }
    Ok(())
}

/// Leaves Redis half of the memory it uses.
pub(super) fn fill_redis(house: &House, lasts: Duration) -> Result<()> {
    let mut operator = house.redis_operator()?;
    let used = used_memory(&mut operator)?;
    set_limit(&mut operator, (used / 2).max(1))?;
    sleep(lasts);
    set_limit(&mut house.redis_operator()?, 0)
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

/// Ends all sessions; those that come after may only read.
pub(super) fn forbid_writes(house: &House, lasts: Duration) -> Result<()> {
    house.sql("alter system set default_transaction_read_only = on")?;
    house.sql("select pg_reload_conf()")?;
    house.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )?;
    sleep(lasts);
    house.sql("alter system reset default_transaction_read_only")?;
    house.sql("select pg_reload_conf()").map(drop)
}
