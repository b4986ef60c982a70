// Requests on several threads share the root, and `Rc` counts without a lock.

struct Root(std::rc::Rc<u32>);

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root(std::rc::Rc::new(1)))
    }
}

fn main() {}
