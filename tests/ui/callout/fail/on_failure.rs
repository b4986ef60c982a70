// Each library would decide for itself what its failure means to the component.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, on_failure = Skip)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
