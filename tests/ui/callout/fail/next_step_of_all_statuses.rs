// The callout could ask for PARK, which this hook point does not honour.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(count: u32) -> hooks::NextStep {
    if count > 9 { hooks::NextStep::Drop } else { hooks::NextStep::Continue }
}

fn main() {}
