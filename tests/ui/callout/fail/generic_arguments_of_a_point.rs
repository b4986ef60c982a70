// A hook point is a module, which has no parameters.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received<u32>)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
