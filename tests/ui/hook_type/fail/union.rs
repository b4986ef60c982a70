// Nothing says which field of a union is valid.

#[derive(hooks::HookType)]
union Query {
    number: u32,
    float: f32,
}

fn main() {}
