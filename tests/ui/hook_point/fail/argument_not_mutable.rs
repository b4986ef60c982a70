// The callouts would write where the caller of the function forbids it.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
fn receive(handle: &mut hooks::CalloutHandle, query: &String, peer: &String, count: u32) {
    let _ = (handle, query, peer, count);
}

fn main() {}
