// The attribute needs the functions of the implementation.

#[hooks::plugin]
struct Root;

fn main() {}
