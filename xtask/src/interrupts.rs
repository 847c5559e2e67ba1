//! Ctrl-C, SIGTERM and a closed terminal: noticed by one waiting thread, asked about wherever something takes time.
//! The first asks everything to stop in order; the second ends us at once, and the kernel takes the children along.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::screen::say;

/// The error of work that a signal cut short.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::error::Error for Interrupted {}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("interrupted")
    }
}

/// Whether somebody asked us to stop.
#[derive(Debug)]
pub(crate) struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// Starts noticing. Handlers, unlike a blocked mask, are not inherited by the programs we start.
    pub(crate) fn catch() -> Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot handle signals")?;
        let asked = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&asked);
        std::thread::spawn(move || {
            for _ in signals.forever() {
                if noticed.swap(true, Ordering::SeqCst) {
                    say!("asked again: ending at once");
                    std::process::exit(130);
                }
            }
        });
        Ok(Self(asked))
    }

    /// An error once we are asked to stop: put it into every loop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(Interrupted.into()) } else { Ok(()) }
    }

    /// Asks `ready` ten times a second until it returns something, at most for `limit`. `None` when that is over.
    pub(crate) fn poll<T>(&self, limit: Duration, mut ready: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
        let deadline = Instant::now() + limit;
        loop {
            self.check()?;
            if let Some(found) = ready()? {
                return Ok(Some(found));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
