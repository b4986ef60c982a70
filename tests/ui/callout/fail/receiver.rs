// The framework has no value of the type to call the method on.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

struct Root;

impl Root {
    #[hooks::callout(received)]
    fn length(&self, count: u32) {
        let _ = count;
    }
}

fn main() {}
