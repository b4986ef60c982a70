// Nobody could attach to a hook point that has neither a declaration nor statuses.

#[hooks::hook_point]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    let _ = (handle, query, peer, count);
}

fn main() {}
