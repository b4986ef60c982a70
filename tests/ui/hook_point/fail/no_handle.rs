// Without the handle nobody knows which libraries the request sees.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::hook_point(received)]
fn receive(query: &mut String, peer: &String, count: u32) {
    let _ = (query, peer, count);
}

fn main() {}
