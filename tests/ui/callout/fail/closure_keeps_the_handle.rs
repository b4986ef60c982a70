// The request would be gone when the handle is used.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

static KEPT: std::sync::Mutex<Option<&mut hooks::CalloutHandle<'static>>> = std::sync::Mutex::new(None);

fn length() -> hooks::Callout {
    received::callout(|handle, _| {
        *KEPT.lock().unwrap() = Some(handle);
    })
}

fn main() {}
