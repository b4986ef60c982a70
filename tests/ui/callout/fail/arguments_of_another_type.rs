// The callout would see the bytes of the list as something else.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(arguments: &mut Vec<String>) {
    let _ = arguments;
}

fn main() {}
