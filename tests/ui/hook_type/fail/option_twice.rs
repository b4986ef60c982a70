// One of the two would be ignored without a word.

#[derive(hooks::HookType)]
struct Query {
    #[hook(opaque = "crate 1.2", opaque = "crate 1.3")]
    since: std::time::Instant,
}

fn main() {}
