// The framework could not choose the further arguments.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u32, more: ...) {
    let _ = (count, more);
}

fn main() {}
