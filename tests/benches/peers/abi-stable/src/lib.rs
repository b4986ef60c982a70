//! The library of the peer `abi_stable`.

use abi_stable::export_root_module;
use abi_stable::prefix_type::PrefixTypeTrait;
use abi_stable::sabi_extern_fn;
use abi_stable::sabi_trait::prelude::TD_Opaque;
use peer_abi_stable_api::{BoxedCallout, Callout, Callout_TO, Module, Module_Ref, Packet};

struct Counts;

impl Callout for Counts {
    fn call(&self, packet: &mut Packet, from: &Packet) -> u32 {
        packet.length = packet.id.wrapping_add(from.id);
        if packet.length == u64::MAX { 2 } else { 0 }
    }
}

#[sabi_extern_fn]
fn make() -> BoxedCallout {
    Callout_TO::from_value(Counts, TD_Opaque)
}

#[export_root_module]
fn module() -> Module_Ref {
    Module { make }.leak_into_prefix()
}
