//! A function of a library through libloading's `Symbol`, as most programs call it.
#![expect(unsafe_code, reason = "loads a library of this workspace")]

use bench_api::Packet;
use libloading::{Library, Symbol};
use workloads::{Loop, RawCall, library, repeat};

use crate::Problem;

pub(crate) fn prepare() -> Result<Loop, Problem> {
    // SAFETY: the library belongs to this workspace; it has no constructors but those of the standard library.
    let library: &'static Library = Box::leak(Box::new(unsafe { Library::new(library("bench-raw")?)? }));
    // SAFETY: this is its type there.
    let symbol: Symbol<'static, RawCall> = unsafe { library.get(b"raw_call")? };
    let mut packets = [Packet::default(); 16];
    let from = Packet { length: 0, id: 3 };
    Ok(Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| dropped += u64::from(symbol(&mut packets[left as usize % 16], &from) != 0));
        assert_eq!(dropped, 0, "it does not drop");
    }))
}
