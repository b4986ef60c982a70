// The component would be given a status that it does not handle.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u32) -> received::NextStep {
    if count > 9 { received::NextStep::Park } else { received::NextStep::Continue }
}

fn main() {}
