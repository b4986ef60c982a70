// What the reference points to would be gone.

fn use_after(handle: &mut hooks::CalloutHandle) -> Result<u32, hooks::Error> {
    let count = handle.argument::<u32>("count")?;
    handle.delete_argument("count");
    Ok(*count)
}

fn main() {}
