// The arguments live for the time of the call; a lifetime of the point's own could promise more.

hooks::declare_hooks! {
    pub hook received<'a>(query: &'a String) -> [Continue, Drop];
}

fn main() {}
