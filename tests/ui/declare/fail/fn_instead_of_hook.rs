// A hook point has no body, so `fn` would promise something that is not there.

hooks::declare_hooks! {
    pub fn received(count: u32) -> [Continue, Drop];
}

fn main() {}
