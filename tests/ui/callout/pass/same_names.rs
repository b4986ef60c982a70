// Callouts of one name in different modules and functions, also where one macro makes both.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::sync::atomic::{AtomicU32, Ordering};

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop];
}

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

mod first {
    #[hooks::callout(super::received)]
    fn count(count: u32) {
        super::CALLS.fetch_add(count, super::Ordering::Relaxed);
    }
}

mod second {
    #[hooks::callout(crate::received)]
    fn count(count: u32) {
        super::CALLS.fetch_add(count * 10, super::Ordering::Relaxed);
    }
}

macro_rules! module {
    ($name:ident, $factor:expr) => {
        mod $name {
            #[hooks::callout(super::received)]
            fn count(count: u32) {
                super::CALLS.fetch_add(count * $factor, super::Ordering::Relaxed);
            }
        }
    };
}
module!(third, 100);
module!(fourth, 1000);

macro_rules! callout_of {
    ($point:path, $kind:ty) => {
        #[hooks::callout($point)]
        fn count(count: $kind) {
            CALLS.fetch_add(count * 10000, Ordering::Relaxed);
        }
    };
}
callout_of!(received, u32);

fn main() {
    #[hooks::callout(received)]
    fn count(count: u32) {
        CALLS.fetch_add(count * 100000, Ordering::Relaxed);
    }

    let hooks = hooks::Hooks::new();
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap();
    assert!(received::call(&mut hooks.handle(), || received::Args { count: 2 }).is_continue());
    assert_eq!(CALLS.load(Ordering::Relaxed), 222222);
    count(0);
}
