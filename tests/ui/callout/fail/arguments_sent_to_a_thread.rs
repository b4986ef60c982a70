// The thread could read the arguments after the call has ended.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn sent_to_a_thread<T: Send>(_: T) {}

#[hooks::callout(received)]
fn length(arguments: &mut hooks::Arguments<'_>) {
    sent_to_a_thread(arguments);
}

fn main() {}
