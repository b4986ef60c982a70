// A `&str` is two words whose target is not one value of a known size, and could never be changed.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, query: &str) {
    let _ = (handle, query);
}

fn main() {}
