// A panic would not be caught, because it cannot leave a function with another calling convention.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
extern "C" fn length(count: u32) {
    let _ = count;
}

fn main() {}
