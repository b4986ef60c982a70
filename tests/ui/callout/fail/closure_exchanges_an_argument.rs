// One call's text would be written by the next call, when it is gone.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

static OTHER: std::sync::Mutex<Option<&mut String>> = std::sync::Mutex::new(None);

fn length() -> hooks::Callout {
    received::callout(|_, mut args| {
        if let Some(other) = OTHER.lock().unwrap().as_mut() {
            std::mem::swap(other, &mut args.query);
        }
    })
}

fn main() {}
