// The layout of the argument could not be compared, so another binary might read it differently.

pub struct Query;

hooks::declare_hooks! {
    pub hook received(query: &Query) -> [Continue, Drop];
}

fn main() {}
