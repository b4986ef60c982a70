// The option would be ignored without a word.

#[derive(hooks::HookType)]
#[hook(opaque = "crate 1.2")]
struct Query {
    text: String,
}

fn main() {}
