// Two names may be the same one.

fn add(handle: &mut hooks::CalloutHandle, first: &str, second: &str) -> Result<(), hooks::Error> {
    let first = handle.argument_mut::<u32>(first)?;
    let second = handle.argument_mut::<u32>(second)?;
    *first += *second;
    Ok(())
}

fn main() {}
