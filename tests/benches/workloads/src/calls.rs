//! Calls of a hook point through a handle that is kept.

use bench_api::{Packet, idle, received};
use hooks::Hooks;

use crate::Loop;
use crate::repeat::repeat;

/// Packets that take turns, so that no call waits for the store of the one before it.
pub(crate) const PACKETS: usize = 16;

pub(crate) fn packets() -> [Packet; PACKETS] {
    std::array::from_fn(|id| Packet { length: 0, id: id as u64 })
}

/// The packet whose turn it is.
#[inline(always)]
pub(crate) fn turn(packets: &mut [Packet; PACKETS], left: u64) -> &mut Packet {
    &mut packets[left as usize % PACKETS]
}

pub(crate) fn empty(_: &Hooks) -> Loop {
    Box::new(|times| repeat(times, |_| {}))
}

pub(crate) fn idle(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    let (mut packets, from) = (packets(), Packet { length: 0, id: 3 });
    Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            let step = idle::call(&mut handle, || idle::Args { packet: turn(&mut packets, left), from: &from });
            if !step.is_continue() {
                dropped += 1;
            }
        });
        assert_eq!(dropped, 0, "nobody is attached");
    })
}

/// The same with a histogram of each callout's times.
pub(crate) fn timed(hooks: &Hooks) -> Loop {
    hooks.set_timing(true);
    received(hooks)
}

pub(crate) fn received(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    let (mut packets, from) = (packets(), Packet { length: 0, id: 3 });
    Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            let step = received::call(&mut handle, || received::Args { packet: turn(&mut packets, left), from: &from });
            if !step.is_continue() {
                dropped += 1;
            }
        });
        assert_eq!(dropped, 0, "no callout drops");
    })
}
