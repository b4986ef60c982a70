// A hook point has one description, which could not list the further arguments.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32, more: ...) {
    let _ = (handle, count, more);
}

fn main() {}
