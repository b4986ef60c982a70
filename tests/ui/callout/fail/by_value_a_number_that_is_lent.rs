// The callout would silently get a copy of what it may change.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

hooks::declare_hooks! {
    pub hook counted(count: &mut u32) -> [Continue, Drop];
}

#[hooks::callout(counted)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
