// The name is written in configurations and logs, where `r#` means nothing.

hooks::declare_hooks! {
    pub hook r#match(count: u32) -> [Continue, Drop];
}

fn main() {}
