// The name is a module and is written in configurations and logs; it has one spelling.

hooks::declare_hooks! {
    pub hook Received(count: u32) -> [Continue, Drop];
}

fn main() {}
