// A component that forgets the `Step` goes on with a request that a callout dropped.

#![deny(unused_must_use)]

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {
    receive(&mut hooks::Hooks::new().handle(), 1);
}
