// What is kept would be gone when it is read.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

static KEPT: std::sync::Mutex<&str> = std::sync::Mutex::new("");

#[hooks::callout(received)]
fn length(query: &mut String) {
    *KEPT.lock().unwrap() = query;
}

fn main() {}
