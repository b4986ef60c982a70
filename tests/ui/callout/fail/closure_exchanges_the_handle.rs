// The host would go on with a handle that the callout drops, and the callout's own one would take its place.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    received::callout(|handle, _| {
        let mut own = hooks::Hooks::new().handle();
        std::mem::swap(handle, &mut own);
    })
}

fn main() {}
