// Commands have hook points of their own.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, command = "lease4-get")]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
