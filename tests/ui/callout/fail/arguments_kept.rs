// What is kept would be gone when it is read.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

thread_local! {
    static KEPT: std::cell::RefCell<Vec<&'static String>> = std::cell::RefCell::default();
}

#[hooks::callout(received)]
fn length(arguments: &mut hooks::Arguments<'_>) {
    KEPT.with_borrow_mut(|kept| kept.push(arguments.get::<String>("peer").unwrap()));
}

fn main() {}
