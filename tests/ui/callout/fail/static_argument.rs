// The callout could keep what is only lent for the time of the call.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(query: &'static String) {
    let _ = query;
}

fn main() {}
