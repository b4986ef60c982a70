// A borrowed field could outlive its owner in a callout that keeps a clone of the argument.

pub struct Query<'a>(pub &'a str);

hooks::declare_hooks! {
    pub hook received(query: &Query<'static>) -> [Continue, Drop];
}

fn main() {}
