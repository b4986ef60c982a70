// A callout in another binary has no `self`, and methods of it could not be called there.

hooks::declare_hooks! {
    pub hook received(&self, count: u32) -> [Continue, Drop];
}

fn main() {}
