// A `&str` is two words; the hook point lends a pointer to a `String`.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(peer: &str) {
    let _ = peer;
}

fn main() {}
