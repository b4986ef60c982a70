// A misspelt option would be ignored without a word.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, priority = 3)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
