// What the reference points to would be gone.

fn use_after(handle: &mut hooks::CalloutHandle) -> Result<u32, hooks::Error> {
    let count = handle.context::<u32>("count")?;
    handle.delete_all_context();
    Ok(*count)
}

fn main() {}
