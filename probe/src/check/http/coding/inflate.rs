//! gzip (RFC 1952) and deflate: with the header of zlib (RFC 1950), as it should be, and without, as many servers send it.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Damaged, STEP, Undo};

/// A longer gzip header is none.
const MAX_HEADER: usize = 64 * 1024;

pub(super) struct Inflate {
    raw: Decompress,
    gzip: bool,
    at: At,
}

enum At {
    Header,
    Data,
    /// Sum and length, of gzip alone.
    Trailer,
    /// Where another gzip member may begin.
    Between,
    End,
}

impl Inflate {
    pub(super) fn gzip() -> Self {
        Self::new(true)
    }

    pub(super) fn deflate() -> Self {
        Self::new(false)
    }

    fn new(gzip: bool) -> Self {
        Self { raw: Decompress::new(false), gzip, at: At::Header }
    }

    fn data(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        out.reserve(STEP);
        let before = self.raw.total_in();
        let status = self.raw.decompress_vec(input, out, FlushDecompress::None).map_err(|_| Damaged)?;
        if status == Status::StreamEnd {
            self.at = if self.gzip { At::Trailer } else { At::End };
        }
        Ok((self.raw.total_in() - before) as usize)
    }
}

impl Undo for Inflate {
    fn step(&mut self, input: &[u8], ended: bool, out: &mut Vec<u8>) -> Result<usize, Damaged> {
        match self.at {
            At::Header => {
                let length = if self.gzip { gzip_header(input)? } else { zlib_header(input, ended)? };
                let Some(length) = length else {
                    return if input.len() > MAX_HEADER { Err(Damaged) } else { Ok(0) };
                };
                self.at = At::Data;
                Ok(length + self.data(&input[length..], out)?)
            }
            At::Data => self.data(input, out),
            At::Trailer if input.len() >= 8 => {
                self.at = At::Between;
                Ok(8)
            }
            At::Between if input.starts_with(&MAGIC) => {
                self.raw.reset(false);
                self.at = At::Header;
                self.step(input, ended, out)
            }
            At::Between if input.len() > 1 => {
                self.at = At::End;
                Ok(input.len())
            }
            At::Trailer | At::Between => Ok(0),
            At::End => Ok(input.len()),
        }
    }

    fn is_complete(&self) -> bool {
        !matches!(self.at, At::Header | At::Data)
    }
}

const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How long the header at the beginning of a gzip member is, once all of it is there.
fn gzip_header(bytes: &[u8]) -> Result<Option<usize>, Damaged> {
    const FIXED: usize = 10;
    let [checked, extra, name, comment] = [0x02, 0x04, 0x08, 0x10];
    if bytes.iter().zip(MAGIC).any(|(byte, expected)| *byte != expected) {
        return Err(Damaged);
    }
    let Some(fixed) = bytes.get(..FIXED) else { return Ok(None) };
    let (method, flags) = (fixed[2], fixed[3]);
    if method != 8 || flags & 0xe0 != 0 {
        return Err(Damaged);
    }
    let mut length = FIXED;
    if flags & extra != 0 {
        let Some(&[low, high]) = bytes.get(length..length + 2) else { return Ok(None) };
        length += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for text in [name, comment] {
        if flags & text != 0 {
            let rest = bytes.get(length..).unwrap_or_default();
            let Some(end) = memchr::memchr(0, rest) else { return Ok(None) };
            length += end + 1;
        }
    }
    if flags & checked != 0 {
        length += 2;
    }
    Ok((length <= bytes.len()).then_some(length))
}

/// The same of zlib; nothing where there is none.
fn zlib_header(bytes: &[u8], ended: bool) -> Result<Option<usize>, Damaged> {
    match *bytes {
        [first, second, ..] if first & 0x8f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31) => {
            // A preset dictionary is known to nobody here.
            if second & 0x20 == 0 { Ok(Some(2)) } else { Err(Damaged) }
        }
        [_, _, ..] => Ok(Some(0)),
        _ => Ok(ended.then_some(0)),
    }
}
