// A slice is two words; the hook point lends a pointer to a value.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(peer: &[u8]) {
    let _ = peer;
}

fn main() {}
