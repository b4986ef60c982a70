// A callout that asks for `this` would get the plugin root and never the argument.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, this: u32) {
    let _ = (handle, this);
}

fn main() {}
