// An argument is taken by its name, and a pattern has none.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length((_first, _second): &(u32, u32)) {}

fn main() {}
