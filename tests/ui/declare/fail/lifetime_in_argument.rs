// A callout could keep what is only lent for the time of the call.

hooks::declare_hooks! {
    pub hook received(query: &'static String) -> [Continue, Drop];
}

fn main() {}
