// The configuration is JSON, from which the parameters must be made.

struct Root;

struct Parameters;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = Parameters;
    fn load(_: Parameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
