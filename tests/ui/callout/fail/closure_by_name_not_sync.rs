// Two threads may call a hook point at the same time.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    let total = std::cell::Cell::new(0);
    hooks::Callout::by_name("received", move |_: &mut hooks::CalloutHandle<'_>, _: &mut hooks::Arguments<'_>| {
        total.set(total.get() + 1);
    })
}

fn main() {}
