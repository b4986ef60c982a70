//! A trait object of abi_stable, from a library.

use abi_stable::library::RootModule;
use peer_abi_stable_api::{Module_Ref, Packet};
use workloads::{Loop, library, repeat};

use crate::Problem;

pub(crate) fn prepare() -> Result<Loop, Problem> {
    let module = Module_Ref::load_from_file(&library("peer-abi-stable")?)?;
    let callout = module.make()();
    let mut packets = [Packet::default(); 16];
    let from = Packet { length: 0, id: 3 };
    Ok(Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| dropped += u64::from(callout.call(&mut packets[left as usize % 16], &from) != 0));
        assert_eq!(dropped, 0, "it does not drop");
    }))
}
