// The callout would get another argument than it asks for, or none.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(packet: &String) {
    let _ = packet;
}

fn main() {}
