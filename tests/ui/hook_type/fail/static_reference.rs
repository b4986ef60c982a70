// The text may lie in a library that is unloaded before it is read.

#[derive(hooks::HookType)]
struct Query {
    text: &'static str,
}

fn main() {}
