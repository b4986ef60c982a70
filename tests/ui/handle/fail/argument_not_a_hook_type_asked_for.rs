// No argument is of this type.

struct Count(u32);

fn get(handle: &hooks::CalloutHandle) -> Result<u32, hooks::Error> {
    Ok(handle.argument::<Count>("count")?.0)
}

fn main() {}
