// Both keys would have one address, and the value one of the types only.

use hooks::ContextKey;

static KEY: ContextKey<for<'a> fn(&'a str)> = ContextKey::new("key");

fn other() -> &'static ContextKey<fn(&'static str)> {
    &KEY
}

fn main() {}
