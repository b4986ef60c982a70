// Each library would decide for itself which statuses the component honours.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, statuses = [Continue])]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
