// The text of the error would be read after what it borrows has been given back.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(peer: &String) -> Result<(), &str> {
    Err(peer)
}

fn main() {}
