// The callout `length` is also an item `length`, so no module may have this name.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

mod length {}

#[hooks::callout(received)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
