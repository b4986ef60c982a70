// The function would run without any callout being called.

fn parse() {}

#[hooks::hook_point(parse)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    let _ = (handle, query, peer, count);
}

fn main() {}
