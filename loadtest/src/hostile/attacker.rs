//! Sends what the generator makes, as the user of one region, and counts what became of it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};
use testbed::{
    clock::unix_ms,
    resp::{Reply, Socket},
    system::TestSystem,
};

use super::{Command, Generator, K, Kind, Phase, Seen};

/// Commands sent before their replies are read, and their bytes.
const PIPELINE: usize = 200;
const PIPELINE_BYTES: usize = 256 << 10;
/// Runs of commands, the last ones, that are kept for people.
const RECENT: usize = 30;
/// Commands a second where each does harm for seconds.
const SLOW: f64 = 20.0;
/// How long to wait before Redis is dialled again.
const REDIAL: Duration = Duration::from_millis(200);
/// A stream whose last id is further ahead than this, milliseconds, needs somebody who sets it right.
const AHEAD_MS: u64 = 60_000;

/// How hard.
#[derive(Clone, Debug)]
pub struct Attack {
    /// What the commands are made of.
    pub seed: u64,
    /// What is tried; all where it is empty.
    pub only: Vec<Kind>,
    /// Bytes a second; floods are of small entries and go as fast as they can.
    pub bytes_per_second: usize,
    /// Commands a second, likewise.
    pub commands_per_second: usize,
}

impl Attack {
    /// What a machine of two cores can spare beside the system.
    pub fn with_seed(seed: u64) -> Self {
        Self { seed, only: Vec::new(), bytes_per_second: 4 << 20, commands_per_second: 2_000 }
    }
}

/// What became of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    accepted: usize,
    refused: usize,
}

/// What became of all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    kinds: BTreeMap<Kind, Count>,
    /// What Redis should have refused for want of a right, and did not.
    pub permitted: Vec<String>,
    /// Bytes of all that was sent.
    pub bytes: usize,
    /// How often the connection was lost.
    pub redials: usize,
}

impl Tally {
    /// Commands that Redis took.
    pub fn accepted(&self) -> usize {
        self.kinds.values().map(|count| count.accepted).sum()
    }

    /// Kinds of `phases`, and of `only` unless it is empty, of which nothing was sent at all.
    pub fn never_sent(&self, phases: &[Phase], only: &[Kind]) -> Vec<&'static str> {
        let owed = Kind::ALL.iter().filter(|kind| phases.contains(&kind.phase()));
        let owed = owed.filter(|kind| only.is_empty() || only.contains(kind));
        owed.filter(|kind| !self.kinds.contains_key(kind)).map(|kind| kind.as_str()).collect()
    }

    /// For a report.
    pub fn json(&self) -> Value {
        let kinds = self.kinds.iter().map(|(kind, count)| {
            (kind.as_str().to_owned(), json!({"accepted": count.accepted, "refused": count.refused}))
        });
        let kinds: serde_json::Map<_, _> = kinds.collect();
        json!({"kinds": kinds, "bytes": self.bytes, "accepted": self.accepted(), "redials": self.redials})
    }

    fn note(&mut self, command: &Command, reply: &Reply) {
        let count = self.kinds.entry(command.kind).or_default();
        let Reply::Error(why) = reply else {
            count.accepted += 1;
            if command.kind.is_forbidden() {
                self.permitted.push(format!("{}: done", in_short(command)));
            }
            return;
        };
        count.refused += 1;
        if command.kind.is_forbidden() && !why.starts_with("NOPERM") {
            self.permitted.push(format!("{}: {why}", in_short(command)));
        }
    }
}

/// One who attacks.
pub struct Attacker<'a> {
    system: &'a TestSystem,
    attack: Attack,
    generator: Generator,
    seen: Seen,
    socket: Option<Socket>,
    tally: Tally,
    /// The last command of each of the last runs, and how many there were.
    recent: VecDeque<(&'static str, usize, String)>,
}

impl<'a> Attacker<'a> {
    /// One who logs in as the user of `seen.region` and knows what is `seen`.
    pub fn new(system: &'a TestSystem, attack: Attack, seen: Seen) -> Self {
        let generator = Generator::new(attack.seed, &attack.only);
        Self { system, attack, generator, seen, socket: None, tally: Tally::default(), recent: VecDeque::new() }
    }

    /// Attacks for `lasts`, or until told to stop. That Redis goes away meanwhile is no error.
    pub fn run(&mut self, phase: Phase, lasts: Duration, stop: &AtomicBool) {
        self.generator.turn_to(phase);
        let (began, mut spent) = (Instant::now(), Duration::ZERO);
        while began.elapsed() < lasts && !stop.load(Ordering::Relaxed) {
            let commands = self.draw();
            spent += self.cost(&commands);
            if let Err(why) = self.send(&commands) {
                self.socket = None;
                self.tally.redials += 1;
                self.remember("connection", format!("{why:#}"));
                sleep(REDIAL);
            }
            // Waits in small steps, so that a stop is heard.
            while spent > began.elapsed() && began.elapsed() < lasts && !stop.load(Ordering::Relaxed) {
                sleep((spent.saturating_sub(began.elapsed())).min(REDIAL));
            }
        }
    }

    /// What became of it all, and the last commands of each of the last runs, for people.
    pub fn end(self) -> (Tally, Vec<String>) {
        let lines = self.recent.into_iter().map(|(kind, count, line)| format!("{kind} × {count}: {line}"));
        (self.tally, lines.collect())
    }

    fn draw(&mut self) -> Vec<Command> {
        self.seen.now_ms = unix_ms();
        let (mut commands, mut bytes) = (Vec::new(), 0);
        while commands.len() < PIPELINE && bytes < PIPELINE_BYTES {
            let command = self.generator.next(&self.seen);
            if command.kind.phase() != Phase::Writes {
                return vec![command];
            }
            bytes += command.args.iter().map(Vec::len).sum::<usize>();
            commands.push(command);
        }
        self.tally.bytes += bytes;
        commands
    }

    /// The time that commands take at the pace of this attack.
    fn cost(&self, commands: &[Command]) -> Duration {
        let paced: Vec<_> = commands.iter().filter(|command| command.kind != Kind::Flood).collect();
        let bytes: usize = paced.iter().flat_map(|command| &command.args).map(Vec::len).sum();
        let of_bytes = bytes as f64 / self.attack.bytes_per_second as f64;
        let slow = paced.iter().filter(|command| command.kind.phase() != Phase::Writes).count() as f64 / SLOW;
        Duration::from_secs_f64(of_bytes.max(paced.len() as f64 / self.attack.commands_per_second as f64).max(slow))
    }

    fn send(&mut self, commands: &[Command]) -> Result<()> {
        if self.socket.is_none() {
            self.socket = Some(self.system.redis_as(&self.seen.region)?);
        }
        for command in commands {
            self.remember(command.kind.as_str(), in_short(command));
        }
        let Some(socket) = &mut self.socket else { return Ok(()) };
        socket.send(commands.iter().map(|command| command.args.as_slice()))?;
        for command in commands {
            let reply = socket.read()?;
            self.tally.note(command, &reply);
        }
        Ok(())
    }

    fn remember(&mut self, kind: &'static str, line: String) {
        if let Some((last, count, said)) = self.recent.back_mut().filter(|(last, ..)| *last == kind) {
            (*last, *count, *said) = (kind, *count + 1, line);
            return;
        }
        self.recent.push_back((kind, 1, line));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }
}

/// A command in one line, long words cut.
fn in_short(command: &Command) -> String {
    let word = |arg: &Vec<u8>| {
        let shown = arg[..arg.len().min(24)].escape_ascii();
        if arg.len() > 24 { format!("{shown}… ({} bytes)", arg.len()) } else { shown.to_string() }
    };
    let words: Vec<_> = command.args.iter().take(8).map(word).collect();
    words.join(" ")
}

/// Whether the last id of a region's results lies so far ahead that its honest entries get ids nobody believes.
pub fn is_ahead(operator: &mut Socket, region: &str) -> Result<bool> {
    let reply = operator.ask(&["XINFO", "STREAM", &results(region)])?;
    let last = reply.field("last-generated-id").and_then(Reply::text).unwrap_or_default();
    let ms: u64 = last.split('-').next().and_then(|ms| ms.parse().ok()).unwrap_or(0);
    Ok(ms > unix_ms() as u64 + AHEAD_MS)
}

/// Deletes a region's results, as an operator would who was told that the stream is broken.
pub fn delete_results(operator: &mut Socket, region: &str) -> Result<()> {
    operator.ask(&["DEL", &results(region)]).map(drop)
}

fn results(region: &str) -> String {
    format!("{{{K}}}:{region}:results")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(kind: Kind) -> Command {
        Command { kind, args: vec![b"XADD".to_vec(), vec![0; 30]] }
    }

    #[test]
    fn what_was_not_refused_for_want_of_a_right_is_found() {
        let error = |why: &str| Reply::Error(why.to_owned());
        for (kind, reply, permitted) in [
            (Kind::Forbidden, error("NOPERM this user has no permissions"), 0),
            (Kind::Forbidden, error("ERR no such key"), 1),
            (Kind::Forbidden, Reply::Simple("OK".to_owned()), 1),
            (Kind::Lies, error("OOM command not allowed"), 0),
            (Kind::Lies, Reply::Nil, 0),
        ] {
            let mut tally = Tally::default();
            tally.note(&command(kind), &reply);
            assert_eq!(tally.permitted.len(), permitted, "{kind:?} {reply:?}");
            assert_eq!(tally.accepted(), usize::from(!matches!(reply, Reply::Error(_))));
            assert_eq!(tally.never_sent(&Phase::ALL, &[]).len(), Kind::ALL.len() - 1);
            assert_eq!(tally.never_sent(&[Phase::Silence], &[]), ["silence"]);
            assert_eq!(tally.never_sent(&Phase::ALL, &[kind, Kind::Flood]), ["flood"]);
        }
        assert_eq!(in_short(&command(Kind::Lies)), format!("XADD {}… (30 bytes)", "\\x00".repeat(24)));
    }
}
