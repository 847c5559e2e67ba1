//! Prints the outcomes that wait on results streams, for people or as JSON. It only looks: nothing is trimmed.

use std::{fmt, time::Duration};

use anyhow::{Context, Result};
use serde_json::json;
use wire::{Keys, Line, Link, Outcome, Payload, Positions, Region, groups_on, read_results};

/// Entries read at once, of each region.
const PAGE: usize = 500;

/// Which outcomes to print, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where Redis is
    #[arg(long, value_name = "URL", default_value = "redis://127.0.0.1:6379")]
    pub redis_url: String,
    /// The stream key, with `.k` behind it for lane k
    #[arg(long, value_name = "K", default_value = "betteruptime:website")]
    pub key: String,
    /// Regions to read; all with a group on K where none is named
    #[arg(long, value_name = "R", num_args = 1..)]
    pub region: Vec<Region>,
    /// Print at most so many outcomes, the oldest first
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// An outcome and where it was found.
#[derive(Debug)]
pub struct Found {
    /// Whose results stream it is on.
    pub region: Region,
    /// Who reported it.
    pub worker: String,
    /// The outcome.
    pub outcome: Outcome,
}

/// Prints what `args` ask for to standard output; entries that do not parse go to standard error.
pub async fn run(args: Args) -> Result<()> {
    let keys = Keys::new(&args.key, 0).context("--key")?;
    let link = Link::new(&args.redis_url, 1).context("--redis-url")?;
    let mut line = link.own().await.with_context(|| format!("--redis-url {}", args.redis_url))?;
    let regions = if args.region.is_empty() { groups_on(&mut line, &keys).await? } else { args.region };
    if regions.is_empty() {
        eprintln!("loadtest decode: no probe has joined {} yet; name a --region to look anyway", args.key);
    }
    for found in read(&mut line, &keys, &regions, args.count.unwrap_or(usize::MAX)).await? {
        if args.json { println!("{}", found.json()) } else { println!("{found}") }
    }
    Ok(())
}

/// Reads at most `limit` outcomes of `regions`, from the oldest on. Entries that do not parse go to standard error.
pub async fn read(line: &mut Line, keys: &Keys, regions: &[Region], limit: usize) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut positions = Positions::new();
    let wanted: Vec<_> = regions.iter().map(|region| (region.clone(), PAGE)).collect();
    while found.len() < limit {
        let entries = read_results(line, keys, &wanted, &positions).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            positions.insert(entry.region.clone(), entry.id);
            match entry.payload {
                Ok(Payload::Outcomes(batch)) => {
                    let one = |outcome| Found { region: entry.region.clone(), worker: batch.worker.clone(), outcome };
                    found.extend(batch.outcomes.into_iter().map(one));
                }
                Ok(Payload::Facts(_)) => {}
                Err(why) => eprintln!("{} {}: {why}", entry.region, entry.id),
            }
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// Verdict first, so that `grep -c ^up` counts.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, worker, outcome: o } = self;
        let reason = o.reason.map_or("-", wire::Reason::as_str);
        write!(
            f,
            "{:<8} {reason:<16} monitor={} slot={} attempt={}",
            o.verdict.as_str(),
            o.monitor,
            o.slot,
            o.attempt
        )?;
        write!(f, " ms={:.1} late_ms={}", millis(o.phases.total()), o.started_ms - o.slot * 1000)?;
        if let Some(status) = o.http_status {
            write!(f, " http={status}")?;
        }
        if let Some(address) = o.address {
            write!(f, " address={address}")?;
        }
        write!(f, " region={region} worker={worker}")?;
        if let Some(diagnosis) = o.suspect {
            write!(f, " suspect={diagnosis}")?;
        }
        if let Some(detail) = &o.detail {
            write!(f, " detail={detail:?}")?;
        }
        if let Some(evidence) = &o.evidence {
            write!(f, " evidence={evidence:?}")?;
        }
        Ok(())
    }
}

impl Found {
    /// The same as one object; phases in seconds, those not measured absent.
    pub fn json(&self) -> serde_json::Value {
        let o = &self.outcome;
        let measured = o.phases.named().into_iter().filter_map(|(name, phase)| Some((name, phase?.as_secs_f64())));
        let phases: serde_json::Map<_, _> = measured.map(|(name, phase)| (name.to_owned(), phase.into())).collect();
        json!({
            "verdict": o.verdict, "reason": o.reason, "monitor": o.monitor, "slot": o.slot, "attempt": o.attempt,
            "ms": millis(o.phases.total()), "started_ms": o.started_ms, "http_status": o.http_status,
            "address": o.address, "phases": phases, "detail": o.detail, "suspect": o.suspect, "evidence": o.evidence,
            "region": self.region, "worker": self.worker,
        })
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
