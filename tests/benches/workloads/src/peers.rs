//! What needs no framework: a function behind a pointer from `dlsym`, and a trait object.
#![expect(unsafe_code, reason = "loads a library of this workspace and takes a function out of it")]

use std::error::Error;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::path::Path;

use bench_api::Packet;
use hooks::Hooks;
use libloading::Library;

use crate::Loop;
use crate::calls::{packets, turn};
use crate::files::library;
use crate::repeat::repeat;

/// The function of the library `bench-raw`.
pub type RawCall = extern "C" fn(&mut Packet, &Packet) -> u32;

/// Opens `path`, the library `bench-raw` or a copy of it, for the life of the process, and finds the function in it.
///
/// # Errors
///
/// If the library is not there or has no such function.
pub fn raw_call(path: &Path) -> Result<RawCall, Box<dyn Error>> {
    // SAFETY: the library belongs to this workspace; it has no constructors but those of the standard library.
    let library = ManuallyDrop::new(unsafe { Library::new(path)? });
    // SAFETY: this is its type there, and the library is never closed.
    Ok(unsafe { *library.get::<RawCall>("raw_call")? })
}

pub(crate) fn raw(_: &Hooks) -> Loop {
    let raw_call = library("bench-raw").map_err(Into::into).and_then(|path| raw_call(&path));
    let raw_call = raw_call.unwrap_or_else(|error| panic!("{error}"));
    let (mut packets, from) = (packets(), Packet { length: 0, id: 3 });
    Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            if raw_call(turn(&mut packets, left), &from) != 0 {
                dropped += 1;
            }
        });
        assert_eq!(dropped, 0, "it does not drop");
    })
}

trait Callout {
    fn call(&self, packet: &mut Packet, from: &Packet) -> u32;
}

struct Counts;

impl Callout for Counts {
    fn call(&self, packet: &mut Packet, from: &Packet) -> u32 {
        packet.length = packet.id.wrapping_add(from.id);
        if packet.length == u64::MAX { 2 } else { 0 }
    }
}

pub(crate) fn boxed(_: &Hooks) -> Loop {
    let callout: Box<dyn Callout> = black_box(Box::new(Counts));
    let (mut packets, from) = (packets(), Packet { length: 0, id: 3 });
    Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            if callout.call(turn(&mut packets, left), &from) != 0 {
                dropped += 1;
            }
        });
        assert_eq!(dropped, 0, "it does not drop");
    })
}
