// The callout would free the text, and the component would free it again.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(query: String) {
    let _ = query;
}

fn main() {}
