// What the callout takes would differ from what is said of it in the library.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(#[cfg(unix)] count: u32) {
    let _ = count;
}

fn main() {}
