// Another library could not know what it is.

struct Count(u32);

fn set(handle: &mut hooks::CalloutHandle) -> Result<(), hooks::Error> {
    handle.set_argument("count", Count(1))
}

fn main() {}
