//! Zstandard (RFC 8878), with the window that the web allows (RFC 9659).

use std::io::Read as _;

use ruzstd::decoding::FrameDecoder;

use super::{Damaged, STEP, Undo};

/// A frame that looks farther back is not undone.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(super) struct Zstd {
    frames: FrameDecoder,
    at: At,
}

enum At {
    Frame,
    Block,
    /// After the last block: its sum, where the frame has one.
    Sum,
    End,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(MAX_WINDOW);
        Self { frames, at: At::Frame }
    }

    /// Between two frames, or before the first.
    fn frame(&mut self, input: &[u8], first: bool) -> Result<usize, Damaged> {
        let Some(magic) = input.get(..4) else { return Ok(0) };
        if magic[1..] == [0x2a, 0x4d, 0x18] && magic[0] & 0xf0 == 0x50 {
            return Ok(skippable(input).unwrap_or(0));
        }
        if magic != MAGIC {
            // Whatever follows a frame is passed over.
            self.at = At::End;
            return if first { Err(Damaged) } else { Ok(input.len()) };
        }
        let Some(header) = input.get(4).and_then(|descriptor| input.get(..header_length(*descriptor))) else {
            return Ok(0);
        };
        self.frames.reset(header).map_err(|_| Damaged)?;
        self.at = At::Block;
        Ok(header.len())
    }

    /// One block at a time: four bytes can stand for 128 KiB.
    fn block(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        let Some(&[low, middle, high]) = input.get(..3) else { return Ok(0) };
        let head = u32::from_le_bytes([low, middle, high, 0]);
        let (last, repeated, size) = (head & 1 == 1, head >> 1 & 3 == 1, (head >> 3) as usize);
        let length = 3 + if repeated { 1 } else { size };
        let Some(block) = input.get(..length) else { return Ok(0) };
        let taken = self.run(block, out)?;
        if last {
            self.at = At::Sum;
        }
        Ok(taken)
    }

    /// What was undone and not handed out yet, a step of it; whether there was any.
    fn collect(&mut self, out: &mut Vec<u8>) -> bool {
        let begin = out.len();
        out.resize(begin + STEP, 0);
        let made = self.frames.read(&mut out[begin..]).unwrap_or(0);
        out.truncate(begin + made);
        made > 0
    }

    fn run(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        let begin = out.len();
        out.resize(begin + STEP, 0);
        let (taken, made) = self.frames.decode_from_to(input, &mut out[begin..]).map_err(|_| Damaged)?;
        out.truncate(begin + made);
        Ok(taken)
    }
}

impl Undo for Zstd {
    fn step(&mut self, input: &[u8], _: bool, out: &mut Vec<u8>) -> Result<usize, Damaged> {
        if matches!(self.at, At::Block | At::Sum) && self.collect(out) {
            return Ok(0);
        }
        match self.at {
            At::Frame => self.frame(input, self.frames.bytes_read_from_source() == 0),
            At::Block => self.block(input, out),
            At::Sum if self.frames.is_finished() => {
                self.at = At::Frame;
                self.frame(input, false)
            }
            At::Sum if input.len() >= 4 => self.run(&input[..4], out),
            At::Sum => Ok(0),
            At::End => Ok(input.len()),
        }
    }

    fn is_complete(&self) -> bool {
        match self.at {
            At::Frame => self.frames.bytes_read_from_source() > 0,
            At::Block => false,
            At::Sum | At::End => true,
        }
    }
}

/// Of a frame that is to be passed over, once all of it is there.
fn skippable(input: &[u8]) -> Option<usize> {
    let length: [u8; 4] = input.get(4..8)?.try_into().ok()?;
    let all = 8 + u32::from_le_bytes(length) as usize;
    (input.len() >= all).then_some(all)
}

/// Of a frame's header, magic number included, as its descriptor says (RFC 8878, 3.1.1.1).
fn header_length(descriptor: u8) -> usize {
    let single = descriptor >> 5 & 1;
    let size = match descriptor >> 6 {
        0 => usize::from(single),
        flag => 1 << flag,
    };
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    5 + usize::from(1 - single) + dictionary + size
}
