// The callouts would be called without an argument that they may ask for.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, count: u32) {
    let _ = (handle, query, count);
}

fn main() {}
