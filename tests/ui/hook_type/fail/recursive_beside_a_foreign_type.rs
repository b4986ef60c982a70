// The layout of the foreign type would not be compared at all, though it may change.

#[derive(hooks::HookType)]
struct Query {
    #[hook(recursive)]
    next: Option<(Box<Query>, std::time::Instant)>,
}

fn main() {}
