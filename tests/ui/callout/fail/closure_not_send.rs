// Any thread may call a hook point, and the last one drops the closure.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    let total = std::sync::Mutex::new(std::rc::Rc::new(0));
    received::callout(move |_, _| {
        let _ = &total;
    })
}

fn main() {}
