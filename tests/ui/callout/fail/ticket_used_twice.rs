// One ticket would count for two, and the request would go on too early.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(handle: &mut hooks::CalloutHandle) -> Result<(), hooks::Error> {
    let ticket = handle.park()?;
    ticket.resume();
    ticket.resume();
    Ok(())
}

fn main() {}
