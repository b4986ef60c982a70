// What is kept would be gone when it is read.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

static KEPT: std::sync::Mutex<Option<received::Args<'static>>> = std::sync::Mutex::new(None);

fn length() -> hooks::Callout {
    received::callout(|_, args| {
        *KEPT.lock().unwrap() = Some(args);
    })
}

fn main() {}
