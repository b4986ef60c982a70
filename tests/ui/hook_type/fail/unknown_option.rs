// A misspelt option would be ignored without a word.

#[derive(hooks::HookType)]
struct Query {
    #[hook(opak = "crate 1.2")]
    text: String,
}

fn main() {}
