//! Whether a program is static: a 64-bit little-endian ELF file whose program headers name no interpreter (elf(5)).
//! A dynamic loader is what `PT_INTERP` asks for; without one, no shared library can be needed.

use std::path::Path;

use anyhow::{Context, Result, bail};

const PT_INTERP: u64 = 3;

/// An error when the program asks for a dynamic loader.
pub(crate) fn require_static(file: &Path) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    match loader(&bytes) {
        Loader::None => Ok(()),
        Loader::At(path) => bail!("{} is not static: it is loaded by {path}", file.display()),
        Loader::Unreadable => bail!("{} is no 64-bit ELF program", file.display()),
    }
}

/// A processor a program is for, as ELF numbers it (`e_machine`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    X86_64 = 62,
    Aarch64 = 183,
}

impl Machine {
    /// As `uname -m` says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }
}

/// An error when the program is for another processor.
pub(crate) fn require_machine(file: &Path, machine: Machine) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    match bytes.get(18..20) {
        Some(&[low, high]) if u16::from_le_bytes([low, high]) == machine as u16 => Ok(()),
        _ => bail!("{} is not for {}", file.display(), machine.name()),
    }
}

/// What a file says about how it wants to be loaded.
#[derive(Debug, PartialEq, Eq)]
enum Loader {
    None,
    At(String),
    Unreadable,
}

fn loader(elf: &[u8]) -> Loader {
    read_loader(elf).unwrap_or(Loader::Unreadable)
}

fn read_loader(elf: &[u8]) -> Option<Loader> {
    if !elf.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |at: usize, size: usize| {
        let bytes = elf.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (headers, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    for header in 0..count {
        let at = (headers + header * size) as usize;
        if number(at, 4)? == PT_INTERP {
            let (from, length) = (number(at + 8, 8)? as usize, number(at + 32, 8)? as usize);
            let path = elf.get(from..from.checked_add(length)?)?;
            return Some(Loader::At(String::from_utf8_lossy(path).trim_end_matches('\0').to_owned()));
        }
    }
    Some(Loader::None)
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// An ELF file with one program header of this type, followed by a path.
    fn program(header_type: u8) -> Vec<u8> {
        let mut elf = vec![0; 0x40 + 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (elf[0x20], elf[0x36], elf[0x38]) = (0x40, 56, 1);
        (elf[0x40], elf[0x48], elf[0x60]) = (header_type, 0x78, 8);
        elf.extend(b"/lib/ld\0");
        elf
    }

    #[test]
    fn only_an_interpreter_makes_a_program_dynamic() {
        assert_eq!(loader(&program(3)), Loader::At("/lib/ld".to_owned()));
        assert_eq!(loader(&program(1)), Loader::None);
        assert_eq!(loader(b"#!/bin/sh"), Loader::Unreadable);
        assert_eq!(loader(&program(3)[..0x50]), Loader::Unreadable);
    }

    #[test]
    fn this_very_program_is_dynamic() {
        let refusal = require_static(&std::env::current_exe().unwrap()).unwrap_err().to_string();
        assert!(refusal.contains("ld-linux"), "{refusal}");
        let me = std::env::current_exe().unwrap();
        assert!(require_machine(&me, Machine::X86_64).is_ok() && require_machine(&me, Machine::Aarch64).is_err());
    }
}
