// The error is written to the log, so it must have a text.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

struct Unreadable;

#[hooks::callout(received)]
fn length(count: u32) -> Result<(), Unreadable> {
    if count > 9 { Err(Unreadable) } else { Ok(()) }
}

fn main() {}
