// Requests on several threads share the root, and `Cell` is changed without a lock.

struct Root(std::cell::Cell<u32>);

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root(std::cell::Cell::new(1)))
    }
}

fn main() {}
