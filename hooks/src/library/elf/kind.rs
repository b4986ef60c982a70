//! What a file is, if it is no shared library for this host.

use object::elf::{self, FileType, Machine};
use object::pod;
use object::read::elf::FileHeader as _;

use super::NATIVE;
use super::native::FileHeader;
use crate::abi::TARGET;

/// The machine of this host, and its name; none where only the linker decides.
const MACHINE: Option<Machine> = if cfg!(target_arch = "x86_64") {
    Some(elf::EM_X86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(elf::EM_AARCH64)
} else if cfg!(target_arch = "x86") {
    Some(elf::EM_386)
} else if cfg!(target_arch = "arm") {
    Some(elf::EM_ARM)
} else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
    Some(elf::EM_RISCV)
} else if cfg!(target_arch = "powerpc64") {
    Some(elf::EM_PPC64)
} else if cfg!(target_arch = "s390x") {
    Some(elf::EM_S390)
} else if cfg!(target_arch = "loongarch64") {
    Some(elf::EM_LOONGARCH)
} else {
    None
};

/// Beginnings of files that are mistaken for shared libraries.
const OTHERS: [(&[u8], &str); 7] = [
    (b"!<arch>\n", "it is a static archive"),
    (b"!<thin>\n", "it is a static archive"),
    (b"#!", "it is a script"),
    (b"MZ", "it is for Windows"),
    (b"\xcf\xfa\xed\xfe", "it is for macOS"),
    (b"\xca\xfe\xba\xbe", "it is for macOS"),
    (b"\x1f\x8b", "it is compressed"),
];

pub(super) fn not_a_library(what: &str) -> String {
    format!("is not a shared library ({what}); expected an ELF file for {TARGET}")
}

/// Refuses what is no shared library for this host.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let Some(ident) = bytes.get(..7).filter(|ident| ident.starts_with(&elf::ELFMAG)) else {
        return Err(not_a_library(other(bytes)));
    };
    let wide = ident.get(4).is_some_and(|class| *class == elf::ELFCLASS64.0);
    if wide != cfg!(target_pointer_width = "64") {
        return Err(not_a_library(if wide { "it is for 64 bits" } else { "it is for 32 bits" }));
    }
    let little = ident.get(5).is_some_and(|data| *data == elf::ELFDATA2LSB.0);
    if little != cfg!(target_endian = "little") {
        return Err(not_a_library(if little {
            "its bytes are in little-endian order"
        } else {
            "its bytes are in big-endian order"
        }));
    }
    let (header, _) =
        pod::from_bytes::<FileHeader<_>>(bytes).map_err(|()| not_a_library("its ELF header is cut off"))?;
    let machine = header.e_machine(NATIVE);
    if MACHINE.is_some_and(|expected| expected != machine) {
        return Err(not_a_library(&format!("it is for {}", named(machine))));
    }
    match header.e_type(NATIVE) {
        elf::ET_DYN => Ok(()),
        elf::ET_REL => Err(not_a_library("it is an object file that has not been linked")),
        elf::ET_EXEC => Err(not_a_library("it is a program")),
        elf::ET_CORE => Err(not_a_library("it is the memory of a process that has crashed")),
        FileType(other) => Err(not_a_library(&format!("it is an ELF file of the unknown kind {other}"))),
    }
}

fn other(bytes: &[u8]) -> &'static str {
    if bytes.is_empty() {
        return "it is empty";
    }
    let known = OTHERS.iter().find(|(begin, _)| bytes.starts_with(begin));
    let is_text = || bytes.iter().take(512).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    known.map_or_else(|| if is_text() { "it is a text" } else { "it is no ELF file" }, |(_, what)| what)
}

fn named(machine: Machine) -> String {
    let name = match machine {
        elf::EM_X86_64 => "x86-64",
        elf::EM_386 => "x86",
        elf::EM_AARCH64 => "AArch64",
        elf::EM_ARM => "ARM",
        elf::EM_RISCV => "RISC-V",
        elf::EM_PPC64 => "PowerPC64",
        elf::EM_S390 => "S/390",
        elf::EM_LOONGARCH => "LoongArch",
        Machine(number) => return format!("the machine number {number}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_named() {
        let cases: [(&[u8], &str); 7] = [
            (b"", "it is empty"),
            (b"\x7fELF", "it is no ELF file"),
            (b"hello\n", "it is a text"),
            (b"#!/bin/sh\n", "it is a script"),
            (b"!<arch>\nx", "it is a static archive"),
            (b"MZ\x90\0", "it is for Windows"),
            (&[0; 100], "it is no ELF file"),
        ];
        for (bytes, expected) in cases {
            let error = check(bytes).unwrap_err();
            assert!(error.contains(&format!("({expected})")) && error.contains(TARGET), "{error}");
        }
    }

    #[test]
    fn the_own_program_is_for_this_machine() {
        let mut bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(check(&bytes).is_ok());
        let cases = [
            (4, elf::ELFCLASS32.0, "it is for 32 bits"),
            (5, elf::ELFDATA2MSB.0, "its bytes are in big-endian order"),
            (16, 1, "it is an object file that has not been linked"),
            (16, 2, "it is a program"),
            (16, 4, "it is the memory of a process that has crashed"),
            (16, 9, "it is an ELF file of the unknown kind 9"),
            (18, 243, "it is for RISC-V"),
            (18, 77, "it is for the machine number 77"),
        ];
        if cfg!(all(target_pointer_width = "64", target_endian = "little", not(target_arch = "riscv64"))) {
            for (at, value, expected) in cases {
                let before = std::mem::replace(&mut bytes[at], value);
                let error = check(&bytes).unwrap_err();
                assert!(error.contains(expected), "{error}");
                bytes[at] = before;
            }
        }
        bytes.truncate(63);
        assert!(check(&bytes).unwrap_err().contains("its ELF header is cut off"));
    }
}
