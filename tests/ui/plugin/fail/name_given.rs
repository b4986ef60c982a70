// Configurations name a plugin by its package; a second name would never be found.

struct Root;

#[hooks::plugin(name = "deny-list")]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
