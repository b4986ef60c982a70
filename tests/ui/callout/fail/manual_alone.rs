// `manual` says how the callout is attached, not where.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(manual)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
