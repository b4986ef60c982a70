// The value goes with the handle.

fn count(hooks: &hooks::Hooks) -> &u32 {
    hooks.handle().argument::<u32>("count").unwrap()
}

fn main() {}
