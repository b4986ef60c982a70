// The callouts would read a value of another type.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u64) {
    let _ = (handle, query, peer, count);
}

fn main() {}
