// Callouts are registered, not hook points; the order of the options does not matter.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(manual, received)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    query.push_str(peer);
    let _ = (handle, count);
}

fn main() {}
