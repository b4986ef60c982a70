// Without `load` nobody could make the root.

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
}

fn main() {}
