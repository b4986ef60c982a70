//! The library of the peer `stabby`.

use peer_stabby_api::{BoxedCallout, Callout, Packet};

struct Counts(#[expect(dead_code, reason = "a box of nothing would be a case of its own")] u8);

impl Callout for Counts {
    extern "C" fn call(&self, packet: &mut Packet, from: &Packet) -> u32 {
        packet.length = packet.id.wrapping_add(from.id);
        if packet.length == u64::MAX { 2 } else { 0 }
    }
}

/// Makes the callout.
#[stabby::export]
pub extern "C" fn make_callout() -> BoxedCallout {
    stabby::boxed::Box::new(Counts(0)).into()
}
