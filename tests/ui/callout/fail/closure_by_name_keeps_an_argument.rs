// What is kept would be gone when it is read.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

static KEPT: std::sync::Mutex<Option<&String>> = std::sync::Mutex::new(None);

fn length() -> hooks::Callout {
    hooks::Callout::by_name("received", |_: &mut hooks::CalloutHandle<'_>, arguments: &mut hooks::Arguments<'_>| {
        *KEPT.lock().unwrap() = arguments.get::<String>("peer").ok();
    })
}

fn main() {}
