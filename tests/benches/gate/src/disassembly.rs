//! Looks at the instructions that a path executes: what must not be among them, and who is called.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use iced_x86::{Decoder, DecoderOptions, FlowControl, Formatter, Instruction, Mnemonic, NasmFormatter, OpKind};
use object::{Object, ObjectSegment};

use crate::Problem;
use crate::profile::{Place, Profile};

/// What is wrong with the instructions of a path: those that may not be there, and calls that are not `allowed` or not made.
///
/// A call is written `from -> to`. A jump into another function counts as a call.
pub(crate) fn findings(profile: &Profile, subject: &Path, allowed: &[String]) -> Result<Vec<String>, Problem> {
    let mut code = Code::default();
    let mut findings = Vec::new();
    let called: BTreeSet<&Place> = profile.calls.keys().map(|(place, _)| place).collect();
    for (place, (function, _)) in &profile.executed {
        let instruction = code.instruction(place, subject)?;
        let what = forbidden(&instruction).or_else(|| {
            let calls = matches!(instruction.flow_control(), FlowControl::Call | FlowControl::IndirectCall);
            (calls && !called.contains(place)).then_some("is a call, but callgrind does not say of what")
        });
        if let Some(what) = what {
            findings.push(format!("`{}` at {} in `{function}` {what}", text(&instruction), place_text(place)));
        }
    }
    let mut missing: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
    for (place, to) in profile.calls.keys() {
        let from = profile.executed.get(place).map_or("?", |(function, _)| function.as_str());
        let call = format!("{from} -> {to}");
        if !allowed.contains(&call) {
            let instruction = text(&code.instruction(place, subject)?);
            let place = place_text(place);
            findings
                .push(format!("the call `{call}` (`{instruction}` at {place}) is not among those that are allowed"));
        }
        missing.remove(call.as_str());
    }
    findings
        .extend(missing.iter().map(|call| format!("the call `{call}` is not made any more: take it out of `calls`")));
    Ok(findings)
}

/// The executed instructions, by function and address.
pub(crate) fn listing(profile: &Profile, subject: &Path) -> Result<String, Problem> {
    let mut code = Code::default();
    let mut listing = String::new();
    let mut shown = "";
    for (place, (function, _)) in &profile.executed {
        if shown != function {
            listing += &format!("{function}:\n");
            shown = function;
        }
        let instruction = text(&code.instruction(place, subject)?);
        let to: Vec<&str> = profile.calls.keys().filter(|(from, _)| from == place).map(|(_, to)| to.as_str()).collect();
        let to = if to.is_empty() { String::new() } else { format!("    ; {}", to.join(", ")) };
        listing += &format!("    {instruction}{to}\n");
    }
    Ok(listing)
}

/// Why an instruction may not be on the path.
fn forbidden(instruction: &Instruction) -> Option<&'static str> {
    let has_memory = (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory);
    match instruction.mnemonic() {
        _ if instruction.has_lock_prefix() => Some("has the prefix `lock`"),
        Mnemonic::Xchg if has_memory => Some("exchanges with memory, which locks"),
        Mnemonic::Mfence | Mnemonic::Sfence | Mnemonic::Lfence => Some("is a fence"),
        Mnemonic::Rdtsc | Mnemonic::Rdtscp => Some("reads a clock"),
        Mnemonic::Syscall | Mnemonic::Sysenter | Mnemonic::Int => Some("enters the kernel"),
        _ => None,
    }
}

fn text(instruction: &Instruction) -> String {
    let mut text = String::new();
    NasmFormatter::new().format(instruction, &mut text);
    text
}

fn place_text((object, address): &Place) -> String {
    format!("{address:#x} of `{}`", object.file_name().unwrap_or_default().display())
}

/// The bytes of the files.
#[derive(Debug, Default)]
struct Code {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Code {
    fn instruction(&mut self, (object, address): &Place, subject: &Path) -> Result<Instruction, Problem> {
        if !self.files.contains_key(object) {
            let bytes = fs::read(kept(object, subject)).map_err(|error| format!("`{}`: {error}", object.display()))?;
            self.files.insert(object.clone(), bytes);
        }
        let bytes = self.files.get(object).map(Vec::as_slice).unwrap_or_default();
        let file = object::File::parse(bytes)?;
        let missing = || format!("`{}` has no code at {address:#x}", object.display());
        let at = |segment: object::Segment<'_, '_>| {
            // No instruction is longer than 15 bytes.
            let offset = usize::try_from(address.checked_sub(segment.address())?).ok()?;
            segment.data().ok()?.get(offset..).map(|data| data[..data.len().min(15)].to_vec())
        };
        let bytes = file.segments().find_map(at).ok_or_else(missing)?;
        let instruction = Decoder::with_ip(64, &bytes, *address, DecoderOptions::NONE).decode();
        if instruction.is_invalid() { Err(missing().into()) } else { Ok(instruction) }
    }
}

/// A library was mapped from a private copy that is gone; the same bytes are beside the program.
fn kept(object: &Path, subject: &Path) -> PathBuf {
    if object.is_file() {
        return object.to_owned();
    }
    subject.with_file_name("deps").join(object.file_name().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8]) -> Option<&'static str> {
        forbidden(&Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE).decode())
    }

    #[test]
    fn what_shares_a_cache_line_or_leaves_the_path_is_forbidden() {
        assert_eq!(why(&[0xf0, 0xff, 0x07]), Some("has the prefix `lock`"), "lock inc dword [rdi]");
        assert_eq!(why(&[0x87, 0x07]), Some("exchanges with memory, which locks"), "xchg [rdi], eax");
        assert_eq!(why(&[0x0f, 0x31]), Some("reads a clock"), "rdtsc");
        assert_eq!(why(&[0x0f, 0x05]), Some("enters the kernel"), "syscall");
    }

    #[test]
    fn what_a_call_needs_is_not() {
        assert_eq!(why(&[0xff, 0x07]), None, "inc dword [rdi]");
        assert_eq!(why(&[0x87, 0xc1]), None, "xchg ecx, eax");
        assert_eq!(why(&[0xff, 0xd0]), None, "call rax");
    }
}
