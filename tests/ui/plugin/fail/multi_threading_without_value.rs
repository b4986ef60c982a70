// It is said with `true` or `false`.

struct Root;

#[hooks::plugin(multi_threading_compatible)]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
