// The context may outlive what it borrows from.

fn set(handle: &mut hooks::CalloutHandle, name: &str) {
    handle.set_context("name", name);
}

fn main() {}
