// One name would stand for many layouts.

#[derive(hooks::HookType)]
struct Query<T> {
    value: T,
}

fn main() {}
