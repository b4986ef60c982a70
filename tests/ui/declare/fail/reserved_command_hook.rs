// The framework declares the shape of all commands itself.

hooks::declare_hooks! {
    pub hook command_callout(count: u32) -> [Continue, Drop];
}

fn main() {}
