// The handle may be sent to another thread, with its contexts.

fn set(handle: &mut hooks::CalloutHandle) {
    handle.set_context("count", std::rc::Rc::new(1));
}

fn main() {}
