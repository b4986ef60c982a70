// What is registered is the callout, not the function.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received, manual)]
fn length(count: u32) {
    let _ = count;
}

fn register(library: &hooks::LibraryHandle) -> Result<(), hooks::Error> {
    library.register_callout(&length)
}

fn main() {}
