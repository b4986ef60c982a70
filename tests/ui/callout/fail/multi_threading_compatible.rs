// The host asks this of a library, before any callout is attached.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, multi_threading_compatible = false)]
fn length(count: u32) {
    let _ = count;
}

fn main() {}
