// The two say different things of one field.

#[derive(hooks::HookType)]
struct Query {
    #[hook(opaque = "crate 1.2")]
    #[hook(recursive)]
    next: Option<Box<Query>>,
}

fn main() {}
