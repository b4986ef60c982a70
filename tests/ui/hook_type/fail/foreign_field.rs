// The layout of the field could not be compared, so another binary might read it differently.

#[derive(hooks::HookType)]
struct Query {
    since: std::time::Instant,
}

fn main() {}
