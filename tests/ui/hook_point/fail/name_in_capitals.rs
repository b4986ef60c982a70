// The name is written in configurations and logs; it has one spelling.

#[hooks::hook_point(statuses = [Continue, Drop])]
#[allow(non_snake_case)]
fn Receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {}
