// The type of the result becomes part of a `Step<…>` inside the body, so it needs a name.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32) -> impl Iterator<Item = u32> {
    let _ = handle;
    0..count
}

fn main() {}
