// The root is what is loaded.

struct Root;

#[hooks::plugin(manual)]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
