// The callouts may delete it.

fn use_after(handle: &mut hooks::CalloutHandle, shutdown: hooks::HookIndex) -> Result<u32, hooks::Error> {
    let count = handle.argument::<u32>("count")?;
    handle.call_callouts(shutdown)?;
    Ok(*count)
}

fn main() {}
