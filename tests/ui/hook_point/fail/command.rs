// A hook point is called by the component, not by an operator.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received, command = "lease4-get")]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    query.push_str(peer);
    let _ = (handle, count);
}

fn main() {}
