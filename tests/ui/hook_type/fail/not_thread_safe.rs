// `Rc` counts without a lock, and requests wander between threads.

#[derive(hooks::HookType)]
struct Query {
    text: std::rc::Rc<String>,
}

fn main() {}
