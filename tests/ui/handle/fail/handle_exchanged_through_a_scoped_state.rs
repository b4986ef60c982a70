// The host would go on with a handle that is dropped here.

hooks::declare_hooks! { pub hook received(count: u32) -> [Continue, Drop]; }

#[hooks::callout(received)]
fn length(handle: &mut hooks::CalloutHandle) {
    let mut own = hooks::Hooks::new().handle();
    std::mem::swap(&mut *handle.scoped_state(), &mut own);
}

fn main() {}
