// Two threads would work on one request, whose status and frames know no lock.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn shared_with_a_thread<T: Sync>(_: &T) {}

#[hooks::callout(received)]
fn length(handle: &mut hooks::CalloutHandle) {
    shared_with_a_thread(&*handle);
}

fn main() {}
