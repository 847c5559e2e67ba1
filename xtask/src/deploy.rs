//! What runs UpGuard elsewhere, tried with the tools that read it: Helm and Kubernetes the charts, Prometheus the alert rules
//! and every expression of Grafana's dashboards, Alertmanager whom an alert is told to.

mod alertmanager;
mod alerts;
pub(crate) mod charts;
mod panels;
mod prometheus;
mod rules;
mod scrape;
mod stage;
mod types;

use anyhow::Result;
use clap::ValueEnum;

use crate::suite::steps::Steps;

/// What can be tried by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The Helm charts
    Charts,
    /// Alert rules and dashboards as files, and the way of an alert to a receiver
    Rules,
    /// A Prometheus on a running system
    Scrape,
}

/// `cargo xtask test deploy`: all of it, or one part
pub(crate) fn run(steps: &mut Steps, only: Option<Part>) -> Result<()> {
    let runs = |part: Part| only.is_none_or(|only| only == part);
    if runs(Part::Charts) {
        charts::run(steps)?;
    }
    if runs(Part::Rules) {
        rules::run(steps)?;
        alerts::run(steps)?;
        types::run(steps)?;
    }
    if runs(Part::Scrape) {
        scrape::run(steps)?;
    }
    Ok(())
}
