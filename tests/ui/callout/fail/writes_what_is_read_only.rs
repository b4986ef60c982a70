// The component does not expect the argument to change, and may share it with other threads.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(peer: &mut String) {
    let _ = peer;
}

fn main() {}
