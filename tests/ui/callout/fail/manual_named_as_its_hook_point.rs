// The hook point has a function `callout` as well, so `received::callout()` could not be the callout.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, manual)]
fn received(count: u32) {
    let _ = count;
}

fn main() {}
