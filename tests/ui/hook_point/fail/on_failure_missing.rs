// Nobody could tell what the function returns after a callout has panicked.

#[hooks::hook_point(statuses = [Continue, Skip])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {}
