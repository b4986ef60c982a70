// Through a shared handle nothing can be set, and a second thread could use it.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(handle: &hooks::CalloutHandle) {
    let _ = handle;
}

fn main() {}
