// The root outlives the function that makes it, so that it cannot borrow from it.

struct Root<'a>(&'a str);

#[hooks::plugin]
impl<'a> hooks::Plugin for Root<'a> {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root(""))
    }
}

fn main() {}
