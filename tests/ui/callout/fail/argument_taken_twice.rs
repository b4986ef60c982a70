// Two names that a macro makes alike would lend the same text twice for writing.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

macro_rules! length {
    ($name:ident) => {
        #[hooks::callout(received)]
        fn length($name: &mut String, query: &mut String) {
            let _ = ($name, query);
        }
    };
}

length!(query);

fn main() {}
