// A parameter with a misspelt name would be taken for one that is no argument.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32, extra: u32) {
    let _ = (handle, query, peer, count, extra);
}

fn main() {}
