// The callouts could not be called, because nothing names the handle.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(_: &mut hooks::CalloutHandle, count: u32) {
    let _ = count;
}

fn main() {}
