// Two names that a macro makes alike would lend the handle twice for writing.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

macro_rules! length {
    ($name:ident) => {
        #[hooks::callout(received)]
        fn length($name: &mut hooks::CalloutHandle, handle: &mut hooks::CalloutHandle) {
            let _ = ($name, handle);
        }
    };
}

length!(handle);

fn main() {}
