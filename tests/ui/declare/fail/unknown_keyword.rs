// Nothing else can be declared here, so the word is most likely misspelt.

hooks::declare_hooks! {
    pub event received(count: u32) -> [Continue, Drop];
}

fn main() {}
