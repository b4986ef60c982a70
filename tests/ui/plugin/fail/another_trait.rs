// Without the trait there is no `load` to call.

struct Root;

#[hooks::plugin]
impl Clone for Root {
    fn clone(&self) -> Root {
        Root
    }
}

fn main() {}
