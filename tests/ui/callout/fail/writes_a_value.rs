// The change would get lost, because the argument is a copy.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: &mut u32) {
    let _ = count;
}

fn main() {}
