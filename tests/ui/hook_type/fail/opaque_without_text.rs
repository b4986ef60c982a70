// Without a text nobody could tell when the layout has changed.

#[derive(hooks::HookType)]
struct Query {
    #[hook(opaque)]
    since: std::time::Instant,
}

fn main() {}
