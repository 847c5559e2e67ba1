//! Brotli (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Damaged, STEP, Undo};

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

pub(super) struct Brotli {
    state: State,
    ended: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let [bytes, numbers, codes] = [(); 3].map(|()| StandardAlloc::default());
        // Strict: no windows of a gigabyte.
        Self { state: State::new_strict(bytes, numbers, codes), ended: false }
    }
}

impl Undo for Brotli {
    fn step(&mut self, input: &[u8], _: bool, out: &mut Vec<u8>) -> Result<usize, Damaged> {
        if self.ended {
            return Ok(input.len());
        }
        let (mut left, mut from) = (input.len(), 0);
        let (begin, mut room, mut total) = (out.len(), STEP, 0);
        let mut to = begin;
        out.resize(begin + STEP, 0);
        let said =
            BrotliDecompressStream(&mut left, &mut from, input, &mut room, &mut to, out, &mut total, &mut self.state);
        out.truncate(to);
        match said {
            BrotliResult::ResultFailure => return Err(Damaged),
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(from)
    }

    fn is_complete(&self) -> bool {
        self.ended
    }
}
