// One of the two would be ignored without a word.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(name = "received", name = "sent")]
fn length(arguments: &mut hooks::Arguments<'_>) {
    let _ = arguments;
}

fn main() {}
