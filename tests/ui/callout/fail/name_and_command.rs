// The two name different hook points.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(name = "received", command = "lease4-get")]
fn length() {}

fn main() {}
