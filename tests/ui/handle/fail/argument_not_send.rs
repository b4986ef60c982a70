// The handle may be sent to another thread, with its arguments.

#[derive(hooks::HookType)]
struct Count {
    #[hook(opaque = "shared within a thread")]
    shared: std::rc::Rc<u32>,
}

fn set(handle: &mut hooks::CalloutHandle, shared: std::rc::Rc<u32>) -> Result<(), hooks::Error> {
    handle.set_argument("count", Count { shared })
}

fn main() {}
