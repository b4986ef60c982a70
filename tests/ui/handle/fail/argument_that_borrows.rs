// The argument may outlive what it borrows from.

fn set(handle: &mut hooks::CalloutHandle, name: &str) -> Result<(), hooks::Error> {
    handle.set_argument("name", name)
}

fn main() {}
