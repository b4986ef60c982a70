//! Callouts with two typed arguments that do next to nothing, each something else, so that the compiler keeps three functions.

#![forbid(unsafe_code)]

use bench_api::{Packet, received, selected, sent};

hooks::library!();

/// The plugin's root: it has no state.
#[derive(Debug)]
struct Calling;

#[hooks::plugin]
impl hooks::Plugin for Calling {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Calling, hooks::BoxError> {
        Ok(Calling)
    }
}

#[hooks::callout(received)]
fn count_received(packet: &mut Packet, from: &Packet) -> received::NextStep {
    packet.length = packet.id.wrapping_add(from.id);
    if packet.length == u64::MAX { received::NextStep::Drop } else { received::NextStep::Continue }
}

#[hooks::callout(selected)]
fn count_selected(packet: &mut Packet, from: &Packet) -> selected::NextStep {
    packet.length = packet.id | from.id;
    if packet.length == u64::MAX { selected::NextStep::Drop } else { selected::NextStep::Continue }
}

#[hooks::callout(sent)]
fn count_sent(packet: &mut Packet, from: &Packet) -> sent::NextStep {
    packet.length = packet.id ^ from.id;
    if packet.length == u64::MAX { sent::NextStep::Drop } else { sent::NextStep::Continue }
}
