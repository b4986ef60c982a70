// The arguments of one call would be asked for in another one.

use std::cell::RefCell;

thread_local! {
    static OTHER: RefCell<Option<hooks::Arguments<'static>>> = const { RefCell::new(None) };
}

fn length() -> hooks::Callout {
    hooks::Callout::by_name("received", |_: &mut hooks::CalloutHandle<'_>, arguments: &mut hooks::Arguments<'_>| {
        OTHER.with_borrow_mut(|other| {
            if let Some(other) = other {
                std::mem::swap(other, arguments);
            }
        });
    })
}

fn main() {}
