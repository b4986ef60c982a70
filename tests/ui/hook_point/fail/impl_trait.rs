// A hook point has one description, which could not fit every type.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32, #[not_argument] _more: impl Copy) {
    let _ = (handle, count);
}

fn main() {}
