// A hook point has one description, which could not fit every type.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive<T>(handle: &mut hooks::CalloutHandle, count: u32, #[not_argument] _more: T) {
    let _ = (handle, count);
}

fn main() {}
