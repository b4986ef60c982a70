//! Callouts that take what they need by name.

#![forbid(unsafe_code)]

use bench_api::{Packet, lent_by_name, named};
use hooks::{Arguments, CalloutHandle};

hooks::library!();

/// The plugin's root: it has no state.
#[derive(Debug)]
struct Naming;

#[hooks::plugin]
impl hooks::Plugin for Naming {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Naming, hooks::BoxError> {
        Ok(Naming)
    }
}

#[hooks::callout(named)]
fn change(handle: &mut CalloutHandle) -> Result<(), hooks::Error> {
    let id = handle.argument::<Packet>("from")?.id;
    let count = handle.argument_mut::<u64>("count")?;
    *count = count.wrapping_add(id);
    Ok(())
}

#[hooks::callout(lent_by_name)]
fn change_lent(arguments: &mut Arguments<'_>) -> Result<(), hooks::Error> {
    let id = arguments.get::<Packet>("from")?.id;
    let count = arguments.get_mut::<u64>("count")?;
    *count = count.wrapping_add(id);
    Ok(())
}
