// Two borrows of one argument, one of them for writing, would be alive at once.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(arguments: &mut hooks::Arguments<'_>) -> Result<(), hooks::Error> {
    let peer = arguments.get::<String>("peer")?;
    arguments.get_mut::<String>("query")?.push_str(peer);
    Ok(())
}

fn main() {}
