// Nobody could tell which status `None` means.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u32) -> Option<received::NextStep> {
    (count > 9).then_some(received::NextStep::Drop)
}

fn main() {}
