// What the reference points to would be dropped.

fn use_after(handle: &mut hooks::CalloutHandle) -> Result<u32, hooks::Error> {
    let count = handle.argument::<u32>("count")?;
    handle.set_argument("count", 2_u32)?;
    Ok(*count)
}

fn main() {}
