// The hook point would have another description under each condition.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, #[cfg(unix)] count: u32) {
    let _ = (handle, count);
}

fn main() {}
