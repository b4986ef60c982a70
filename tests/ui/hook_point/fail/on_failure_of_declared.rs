// Two places would say what a failing callout counts as, and could contradict each other.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received, on_failure = Skip)]
fn receive(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    let _ = (handle, query, peer, count);
}

fn main() {}
