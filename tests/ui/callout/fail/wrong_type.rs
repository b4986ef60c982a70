// The callout would read the bytes of one type as another.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u64) {
    let _ = count;
}

fn main() {}
