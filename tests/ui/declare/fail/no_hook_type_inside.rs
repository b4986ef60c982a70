// The layout of the elements could not be compared, so another binary might read them differently.

pub struct Query;

hooks::declare_hooks! {
    pub hook received(queries: &mut Vec<Query>) -> [Continue, Drop];
}

fn main() {}
