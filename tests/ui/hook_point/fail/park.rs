// PARK puts the request aside, and nobody could run the body of the function later.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop, Park];
}

#[hooks::hook_point(received)]
fn receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {}
