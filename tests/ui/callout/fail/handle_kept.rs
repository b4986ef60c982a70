// The handle would be used after its request has ended.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

thread_local! {
    static KEPT: std::cell::RefCell<Vec<&'static mut hooks::CalloutHandle<'static>>> = std::cell::RefCell::default();
}

#[hooks::callout(received)]
fn length(handle: &mut hooks::CalloutHandle) {
    KEPT.with_borrow_mut(|kept| kept.push(handle));
}

fn main() {}
