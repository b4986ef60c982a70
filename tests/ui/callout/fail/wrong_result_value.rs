// Nobody could tell which status `true` means.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u32) -> Result<bool, String> {
    Ok(count > 9)
}

fn main() {}
