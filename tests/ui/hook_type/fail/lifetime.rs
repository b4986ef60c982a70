// A field could point to what is gone when another binary reads it.

#[derive(hooks::HookType)]
struct Query<'a> {
    text: &'a String,
}

fn main() {}
