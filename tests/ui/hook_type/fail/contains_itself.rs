// The layout of the type would be made of itself, without an end.

#[derive(hooks::HookType)]
struct Query {
    next: Option<Box<Query>>,
}

fn main() {}
