// Nothing is known of the arguments of a hook point that is only named.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(name = "received")]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
