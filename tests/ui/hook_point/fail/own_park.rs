// PARK puts the request aside, and nobody could run the body of the function later.

#[hooks::hook_point(statuses = [Continue, Drop, Park])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {}
