// The component says itself whether it uses threads: `Hooks::set_multi_threading`.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received, multi_threading_compatible = false)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    query.push_str(peer);
    let _ = (handle, count);
}

fn main() {}
