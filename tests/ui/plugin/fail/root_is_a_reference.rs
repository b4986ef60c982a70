// The host frees the root, and would free what is only borrowed.

struct Root;

#[hooks::plugin]
impl hooks::Plugin for &'static Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(&Root)
    }
}

fn main() {}
