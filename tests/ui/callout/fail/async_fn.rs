// The component waits for the callout, and there is nobody who runs the future.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
async fn length(count: u32) {
    let _ = count;
}

fn main() {}
