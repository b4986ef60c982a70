// The framework has no value of this type; it would hand out the bytes of another one.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

struct Settings;

#[hooks::callout(received)]
fn length(this: &Settings) {
    let _ = this;
}

fn main() {}
