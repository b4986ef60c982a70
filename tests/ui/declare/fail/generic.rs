// A library is built before the types are known, so it could not have been compiled for them.

hooks::declare_hooks! {
    pub hook received<T>(query: &T) -> [Continue, Drop];
}

fn main() {}
