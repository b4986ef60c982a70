// A library that was built under another condition would lay out the arguments differently.

hooks::declare_hooks! {
    pub hook received(count: u32, #[cfg(unix)] uid: u32) -> [Continue, Drop];
}

fn main() {}
