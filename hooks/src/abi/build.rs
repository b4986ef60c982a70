//! The record of how this binary was built. A host has no line `hooks::library!`, and its file is to say it all the same.
#![expect(unsafe_code, reason = "puts a constant into the section of the records")]

use super::record::BuildRecord;

const RECORD: BuildRecord = BuildRecord { unwinds: cfg!(panic = "unwind") };

#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__hooks"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".hooks"))]
static BYTES: [u8; RECORD.length()] = RECORD.bytes();
