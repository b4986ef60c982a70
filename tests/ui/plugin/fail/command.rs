// The root handles nothing itself.

struct Root;

#[hooks::plugin(command = "lease4-get")]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
