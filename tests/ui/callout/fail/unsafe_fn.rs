// The framework calls the function and knows nothing of what it demands.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
unsafe fn length(count: u32) {
    let _ = count;
}

fn main() {}
