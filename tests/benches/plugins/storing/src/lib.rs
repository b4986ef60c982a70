//! Reads and stores a value of its own context, as often as it is asked to.

#![forbid(unsafe_code)]

use std::hint::black_box;

use bench_api::{context_read, context_stored};
use hooks::{CalloutHandle, ContextKey};

hooks::library!();

static STATE: ContextKey<u64> = ContextKey::new("state");

/// The plugin's root: it has no state.
#[derive(Debug)]
struct Storing;

#[hooks::plugin]
impl hooks::Plugin for Storing {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Storing, hooks::BoxError> {
        Ok(Storing)
    }
}

#[hooks::callout(context_read)]
fn read(handle: &mut CalloutHandle, times: u64) -> Result<(), hooks::Error> {
    STATE.set(handle, 7);
    let mut left = times;
    let mut sum = 0_u64;
    while left != 0 {
        sum = sum.wrapping_add(*STATE.get(handle)?);
        left = black_box(left - 1);
    }
    black_box(sum);
    Ok(())
}

#[hooks::callout(context_stored)]
fn store(handle: &mut CalloutHandle, times: u64) {
    let mut left = times;
    while left != 0 {
        STATE.set(handle, left);
        left = black_box(left - 1);
    }
}
