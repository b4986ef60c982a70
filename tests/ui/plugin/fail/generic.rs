// The host loads a library without type arguments.

struct Root<T>(T);

#[hooks::plugin]
impl<T: Default + Send + Sync + 'static> hooks::Plugin for Root<T> {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root(Default::default()))
    }
}

fn main() {}
