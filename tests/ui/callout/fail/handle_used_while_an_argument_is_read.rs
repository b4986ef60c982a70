// The callouts of the nested call could write what the closure still reads.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(handle: &mut hooks::CalloutHandle, query: &mut String, peer: &String, count: u32) {
    let kept = query.as_str();
    let _ = received::call(handle, || received::Args { query: &mut *query, peer, count });
    println!("{kept}");
}

fn main() {}
