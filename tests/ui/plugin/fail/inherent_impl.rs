// Without the trait there is no `load` to call.

struct Root;

#[hooks::plugin]
impl Root {}

fn main() {}
