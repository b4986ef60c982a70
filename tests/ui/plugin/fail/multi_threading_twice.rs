// Which of the two is meant?

struct Root;

#[hooks::plugin(multi_threading_compatible = true, multi_threading_compatible = false)]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
