// A hook point returns a status; a value of another type would have no maker while nobody is attached.

hooks::declare_hooks! {
    pub hook received(count: u32) -> bool;
}

fn main() {}
