//! Undoes a body's content codings (RFC 9110, 8.4) as its pieces arrive: gzip, deflate, br and zstd, also one on top of another.
//!
//! A step makes at most [`STEP`] bytes, so a body that unfolds to a thousand times its size neither fills memory nor holds up other
//! checks. As forgiving as browsers: sums are not checked, what follows the end is passed over, and a body that plainly is not what
//! it says is taken as it stands. Whoever looks into the body learns of it ([`Codings::fault`]).

mod brotli;
mod inflate;
mod zstd;

use std::fmt;

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, TRANSFER_ENCODING},
};

use self::{brotli::Brotli, inflate::Inflate, zstd::Zstd};

/// More codings than these are not undone.
const MOST: usize = 4;

/// What one step makes at most.
const STEP: usize = 16 * 1024;

/// The bytes are not of this coding.
#[derive(Debug)]
struct Damaged;

/// What undoes one coding.
trait Undo {
    /// Takes some of `input` and appends at most [`STEP`] bytes to `out`; how many were taken. Neither taken nor appended: more input is
    /// needed, unless `ended` says that there is none.
    fn step(&mut self, input: &[u8], ended: bool, out: &mut Vec<u8>) -> Result<usize, Damaged>;

    /// Whether everything was there.
    fn is_complete(&self) -> bool;
}

/// Why what was looked at is not what the site meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It says it is of this coding and is not.
    Not(&'static str),
    /// It cannot be undone to its end.
    Broken(&'static str),
    /// It ends before its coding does.
    Cut(&'static str),
    /// A coding that is not known here.
    Unknown,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Not(coding) => write!(f, "its Content-Encoding says {coding}, which it is not"),
            Self::Broken(coding) => write!(f, "its {coding} encoding is damaged"),
            Self::Cut(coding) => write!(f, "it breaks off inside its {coding} encoding"),
            Self::Unknown => f.write_str("its Content-Encoding is unknown"),
        }
    }
}

/// One coding and what waits to be undone.
struct Stage {
    name: &'static str,
    undo: Box<dyn Undo + Send>,
    input: Vec<u8>,
    taken: usize,
    /// Nothing more will come in.
    ended: bool,
    made: bool,
    /// Nothing more will come out.
    over: bool,
}

/// The codings of one body, the outermost first.
pub(super) struct Codings {
    stages: Vec<Stage>,
    /// Made by the step before.
    out: Vec<u8>,
    fault: Option<Fault>,
}

impl Codings {
    /// As the head names them; nothing where the body stands in the clear.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut codings = Self { stages: Vec::new(), out: Vec::new(), fault: None };
        for header in [CONTENT_ENCODING, TRANSFER_ENCODING] {
            let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
            for name in values.flat_map(|value| value.split(',')) {
                codings.add(name.trim());
            }
        }
        (!codings.stages.is_empty()).then_some(codings)
    }

    fn add(&mut self, name: &str) {
        let is = |known: &[&str]| known.iter().any(|known| name.eq_ignore_ascii_case(known));
        let (name, undo): (_, Box<dyn Undo + Send>) = match name {
            // Framing is undone already. The others are no codings, but what sites write where there is none.
            "" => return,
            _ if is(&["identity", "chunked", "none", "utf-8", "utf8", "iso-8859-1", "binary", "8bit"]) => return,
            _ if is(&["gzip", "x-gzip"]) => ("gzip", Box::new(Inflate::gzip())),
            _ if is(&["deflate", "x-deflate"]) => ("deflate", Box::new(Inflate::deflate())),
            _ if is(&["br", "x-br"]) => ("br", Box::new(Brotli::new())),
            _ if is(&["zstd", "x-zstd"]) => ("zstd", Box::new(Zstd::new())),
            _ => {
                self.fault = Some(Fault::Unknown);
                ("unknown", Box::new(AsItStands))
            }
        };
        if self.stages.len() == MOST {
            self.fault = Some(Fault::Unknown);
            return;
        }
        let stage = Stage { name, undo, input: Vec::new(), taken: 0, ended: false, made: false, over: false };
        // The last one named was done last, so it is undone first.
        self.stages.insert(0, stage);
    }

    /// Takes the next bytes of the body.
    pub(super) fn add_input(&mut self, bytes: &[u8]) {
        if let Some(first) = self.stages.first_mut() {
            first.give(bytes);
        }
    }

    /// There is no more.
    pub(super) fn end_input(&mut self) {
        if let Some(first) = self.stages.first_mut() {
            first.ended = true;
        }
    }

    /// The next bytes in the clear; nothing until there is more input.
    pub(super) fn step(&mut self) -> Option<&[u8]> {
        self.out.clear();
        while self.out.is_empty() {
            // The innermost that can go on does, so that little waits between them.
            (0..self.stages.len()).rev().find(|place| self.advance(*place))?;
        }
        Some(&self.out)
    }

    /// Whether nothing more will come out.
    pub(super) fn is_over(&self) -> bool {
        self.stages.last().is_none_or(|last| last.over)
    }

    /// Why what came out may not be all that the site meant.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// One step of the coding at `place`; whether it got anywhere.
    fn advance(&mut self, place: usize) -> bool {
        let Some(stage) = self.stages.get_mut(place).filter(|stage| !stage.over) else { return false };
        let Ok(taken) = stage.undo.step(&stage.input[stage.taken..], stage.ended, &mut self.out) else {
            self.give_up(place);
            return true;
        };
        stage.made |= !self.out.is_empty();
        stage.take(taken);
        let moved = taken > 0 || !self.out.is_empty();
        if !moved && stage.ended {
            stage.over = true;
            let empty = !stage.made && stage.input.is_empty();
            if !stage.undo.is_complete() && !empty {
                self.fault = self.fault.or(Some(Fault::Cut(stage.name)));
            }
        }
        let over = stage.over;
        self.pass_on(place, over);
        moved || over
    }

    /// What `place` made goes to the coding inside it.
    fn pass_on(&mut self, place: usize, over: bool) {
        let Some(inner) = self.stages.get_mut(place + 1) else { return };
        inner.give(&self.out);
        inner.ended |= over;
        self.out.clear();
    }

    /// What never was of its coding is taken as it stands; of another, nothing more is.
    fn give_up(&mut self, place: usize) {
        let stage = &mut self.stages[place];
        if stage.made {
            self.fault = Some(Fault::Broken(stage.name));
            stage.over = true;
            self.pass_on(place, true);
        } else {
            self.fault = Some(Fault::Not(stage.name));
            stage.undo = Box::new(AsItStands);
            stage.taken = 0;
            self.out.clear();
        }
    }
}

impl Stage {
    fn give(&mut self, bytes: &[u8]) {
        if !self.over {
            self.input.extend_from_slice(bytes);
        }
    }

    /// Until something came out all input is kept: it may turn out to be no such coding.
    fn take(&mut self, taken: usize) {
        self.taken += taken;
        if self.made {
            self.input.drain(..self.taken);
            self.taken = 0;
        }
    }
}

impl fmt::Debug for Codings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stages.iter().map(|stage| stage.name)).finish()
    }
}

/// For what is not of the coding it names.
struct AsItStands;

impl Undo for AsItStands {
    fn step(&mut self, input: &[u8], _: bool, out: &mut Vec<u8>) -> Result<usize, Damaged> {
        let taken = input.len().min(STEP);
        out.extend_from_slice(&input[..taken]);
        Ok(taken)
    }

    fn is_complete(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
