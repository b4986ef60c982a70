// The callout would be attached to nothing.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
