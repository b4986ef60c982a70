// Arguments cannot be changed through a shared reference, so asking for one is most likely a slip.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(arguments: &hooks::Arguments<'_>) {
    let _ = arguments;
}

fn main() {}
