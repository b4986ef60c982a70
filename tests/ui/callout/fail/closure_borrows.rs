// The callout is called until it is deregistered, also when the function is done.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length(library: &hooks::LibraryHandle) -> Result<(), hooks::Error> {
    let total = std::sync::atomic::AtomicU32::new(0);
    library.register_callout(&received::callout(|_, args| {
        total.fetch_add(args.count, std::sync::atomic::Ordering::Relaxed);
    }))
}

fn main() {}
