//! A trait object of stabby, from a library.
#![expect(unsafe_code, reason = "loads a library of this workspace")]

use libloading::Library;
use peer_stabby_api::{BoxedCallout, CalloutDyn, Packet};
use stabby::libloading::StabbyLibrary;
use workloads::{Loop, library, repeat};

use crate::Problem;

pub(crate) fn prepare() -> Result<Loop, Problem> {
    // SAFETY: the library belongs to this workspace; it has no constructors but those of the standard library.
    let library: &'static Library = Box::leak(Box::new(unsafe { Library::new(library("peer-stabby")?)? }));
    // SAFETY: stabby compares the type with the library's own report.
    let make = unsafe { library.get_stabbied::<extern "C" fn() -> BoxedCallout>(b"make_callout") };
    let callout = make.map_err(|error| error.to_string())?();
    let mut packets = [Packet::default(); 16];
    let from = Packet { length: 0, id: 3 };
    Ok(Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| dropped += u64::from(callout.call(&mut packets[left as usize % 16], &from) != 0));
        assert_eq!(dropped, 0, "it does not drop");
    }))
}
