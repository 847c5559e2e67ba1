//! Steps that are timed, told about and summed up. A failed one does not keep the next from running: one run shows all.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use testbed::process::Process;

use crate::interrupts::{Interrupted, Interrupts};
use crate::screen::{say, table};

/// What ran so far.
pub(crate) struct Steps<'a> {
    interrupts: &'a Interrupts,
    began: Instant,
    done: Vec<(String, Ending, Duration)>,
}

enum Ending {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

impl<'a> Steps<'a> {
    pub(crate) fn new(interrupts: &'a Interrupts) -> Self {
        Self { interrupts, began: Instant::now(), done: Vec::new() }
    }

    /// Runs a step. The only error is being interrupted; a failure is kept for the summary.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce(&Interrupts) -> Result<()>) -> Result<()> {
        self.interrupts.check()?;
        say!("── {name}");
        let began = Instant::now();
        let ending = match step(self.interrupts) {
            Ok(()) => Ending::Passed,
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => Ending::Failed(format!("{error:#}")),
        };
        let seconds = began.elapsed();
        let result = if let Ending::Failed(reason) = &ending { format!("FAILED: {reason}") } else { "ok".to_owned() };
        say!("   {name}: {:.1} s, {result}", seconds.as_secs_f64());
        self.done.push((name.to_owned(), ending, seconds));
        Ok(())
    }

    /// Runs a program as a step; it passes when the program ends well.
    pub(crate) fn command(&mut self, name: &str, command: Command) -> Result<()> {
        self.run(name, |interrupts| {
            let mut process = Process::spawn_visible(name, command)?;
            let status = interrupts.poll(Duration::from_hours(3), || Ok(process.try_wait()))?;
            match status.context("it takes over three hours")? {
                status if status.success() => Ok(()),
                status => bail!("{status}"),
            }
        })
    }

    /// Tells that a step does not apply here.
    pub(crate) fn skip(&mut self, name: &str, why: &'static str) {
        say!("── {name}: skipped, {why}");
        self.done.push((name.to_owned(), Ending::Skipped(why), Duration::ZERO));
    }

    /// Prints all steps; an error names the failed ones.
    pub(crate) fn summary(self) -> Result<()> {
        let mut rows = vec![["step", "seconds", "result"].map(str::to_owned).to_vec()];
        let mut failed = Vec::new();
        for (name, ending, seconds) in self.done {
            let result = match ending {
                Ending::Passed => "ok".to_owned(),
                Ending::Skipped(why) => format!("skipped: {why}"),
                Ending::Failed(reason) => {
                    failed.push(name.clone());
                    format!("FAILED: {}", reason.lines().next().unwrap_or_default())
                }
            };
            rows.push(vec![name, format!("{:.1}", seconds.as_secs_f64()), result]);
        }
        say!("\n{}\n", table(&rows));
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        say!("all passed in {:.0} s", self.began.elapsed().as_secs_f64());
        Ok(())
    }
}
