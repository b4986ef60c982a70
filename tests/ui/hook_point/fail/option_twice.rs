// One of the two would be ignored without a word.

#[hooks::hook_point(statuses = [Continue, Drop], statuses = [Continue])]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    let _ = (handle, query, peer, count);
}

fn main() {}
