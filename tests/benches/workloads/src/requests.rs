//! Handles that are made and dropped for each request.

use std::hint::black_box;

use bench_api::{Packet, received, selected, sent};
use hooks::Hooks;

use crate::Loop;
use crate::calls::{packets, turn};
use crate::repeat::repeat;

pub(crate) fn handle(hooks: &Hooks) -> Loop {
    let hooks = hooks.clone();
    Box::new(move |times| {
        repeat(times, |_| {
            black_box(&mut hooks.handle());
        });
    })
}

pub(crate) fn request(hooks: &Hooks) -> Loop {
    let hooks = hooks.clone();
    let (mut packets, from) = (packets(), Packet { length: 0, id: 3 });
    Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            let packet = turn(&mut packets, left);
            let mut handle = hooks.handle();
            if !received::call(&mut handle, || received::Args { packet, from: &from }).is_continue()
                || !selected::call(&mut handle, || selected::Args { packet, from: &from }).is_continue()
                || !sent::call(&mut handle, || sent::Args { packet, from: &from }).is_continue()
            {
                dropped += 1;
            }
        });
        assert_eq!(dropped, 0, "no callout drops");
    })
}
