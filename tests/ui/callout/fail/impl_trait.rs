// The framework could not choose the type.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: impl Copy) {
    let _ = count;
}

fn main() {}
