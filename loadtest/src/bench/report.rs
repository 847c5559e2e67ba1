//! What a benchmark prints: figures in the order they were found, and the machine they were found on.

use std::{fs, process::Command};

use serde_json::{Map, Value, json};
use testbed::process::find_in_path;

/// Figures by name.
pub(super) struct Report {
    bench: &'static str,
    figures: Vec<(&'static str, Value)>,
}

impl Report {
    pub(super) fn new(bench: &'static str) -> Self {
        Self { bench, figures: Vec::new() }
    }

    /// Adds a figure, and says it on standard error at once.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        eprintln!("  {name} = {value}");
        self.figures.push((name, value));
    }

    /// Adds a measured number: whole above 100, else with three places.
    pub(super) fn number(&mut self, name: &'static str, value: f64) {
        self.set(name, rounded(value));
    }

    /// Prints a table, or one object with `json`.
    pub(super) fn print(&self, json: bool) {
        if json {
            let mut object: Map<_, _> =
                self.figures.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            object.insert("bench".to_owned(), self.bench.into());
            object.insert("machine".to_owned(), machine());
            println!("{}", Value::from(object));
            return;
        }
        println!("bench {}", self.bench);
        for (name, value) in &self.figures {
            println!("  {name:<34} {value}");
        }
        if let Value::Object(machine) = machine() {
            for (name, value) in machine {
                println!("  {name:<34} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
    }
}

pub(super) fn rounded(value: f64) -> Value {
    if value.abs() >= 100.0 { json!(value.round() as i64) } else { json!((value * 1000.0).round() / 1000.0) }
}

/// What the figures were found on.
fn machine() -> Value {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        line.map(|(_, value)| value.trim().to_owned())
    };
    json!({
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "cpu": field(&read("/proc/cpuinfo"), "model name"),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "build": if cfg!(debug_assertions) { "debug" } else { "release" },
        "nginx": version("nginx", "-v"),
        "redis": version("redis-server", "--version"),
        "postgres": version("psql", "--version"),
    })
}

fn version(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(find_in_path(program)?).arg(flag).output().ok()?;
    // nginx says it on standard error.
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.lines().next().map(str::to_owned)
}
