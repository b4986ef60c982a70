//! The limit: a function with two arguments that is called through a pointer from `dlsym`.
#![expect(unsafe_code, reason = "exports a function under a name")]

use bench_api::Packet;

/// Does what the measured callout does; 2 means drop. What it writes nobody reads, so that no call waits for the one before.
#[unsafe(no_mangle)]
pub extern "C" fn raw_call(packet: &mut Packet, from: &Packet) -> u32 {
    packet.length = packet.id.wrapping_add(from.id);
    if packet.length == u64::MAX { 2 } else { 0 }
}
