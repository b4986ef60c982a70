// The callout could ask for a status that this hook point does not honour.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

hooks::declare_hooks! {
    pub hook sent(count: u32) -> [Continue, Drop, Park];
}

#[hooks::callout(received)]
fn length(count: u32) -> sent::NextStep {
    if count > 9 { sent::NextStep::Drop } else { sent::NextStep::Continue }
}

fn main() {}
