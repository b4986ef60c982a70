// The layout of the field would not be compared at all, though it may change.

#[derive(hooks::HookType)]
struct Query {
    #[hook(recursive)]
    kind: Kind,
}

#[derive(hooks::HookType)]
struct Kind(u32);

fn main() {}
