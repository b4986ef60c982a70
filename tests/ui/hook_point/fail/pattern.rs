// Callouts take an argument by its name, and a pattern has none.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, [first, _]: &[u8; 2]) {
    let _ = (handle, first);
}

fn main() {}
