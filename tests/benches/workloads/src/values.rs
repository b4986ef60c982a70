//! What a handle stores, and arguments by name.

use bench_api::{Packet, context_read, context_stored, lent_by_name, named};
use hooks::Hooks;

use crate::Loop;
use crate::repeat::repeat;

/// The loop is the callout's own: it runs in the library.
pub(crate) fn read(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    Box::new(move |times| {
        let step = context_read::call(&mut handle, || context_read::Args { times });
        assert!(step.is_continue(), "the callout succeeds");
    })
}

/// The loop is the callout's own: it runs in the library.
pub(crate) fn stored(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    Box::new(move |times| {
        let step = context_stored::call(&mut handle, || context_stored::Args { times });
        assert!(step.is_continue(), "the callout succeeds");
    })
}

/// As the reference does it: nothing is declared, component and callout hand each other values.
pub(crate) fn named(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    let from = Packet { length: 0, id: 3 };
    Box::new(move |times| {
        let mut sum = 0_u64;
        repeat(times, |left| {
            let set = handle.set_argument("count", left).and_then(|()| handle.set_argument("from", from));
            let step = named::call(&mut handle, || named::Args {});
            let count = handle.argument::<u64>("count");
            if let (Ok(()), true, Ok(count)) = (set, step.is_continue(), count) {
                sum = sum.wrapping_add(count - left);
            }
        });
        assert_eq!(sum, times.wrapping_mul(3), "each call adds the identifier");
    })
}

pub(crate) fn lent_by_name(hooks: &Hooks) -> Loop {
    let mut handle = hooks.handle();
    let from = Packet { length: 0, id: 3 };
    Box::new(move |times| {
        let mut count = 0_u64;
        repeat(times, |_| {
            let _ = lent_by_name::call(&mut handle, || lent_by_name::Args { count: &mut count, from: &from });
        });
        assert_eq!(count, times.wrapping_mul(3), "each call adds the identifier");
    })
}
