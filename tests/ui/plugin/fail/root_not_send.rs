// The root is dropped on the thread of the last request, and this guard must be dropped on its own one.

struct Root(std::sync::MutexGuard<'static, u32>);

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Err("not yet".into())
    }
}

fn main() {}
