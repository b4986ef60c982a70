// Only a function has a body that SKIP can leave out.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
struct Receive;

fn main() {}
