// To implement `HandOver` is all that it takes.

#![forbid(unsafe_code)]
#![deny(warnings)]

mod counting {
    use std::sync::atomic::{AtomicU32, Ordering};

    #[derive(serde::Deserialize)]
    pub(crate) struct Parameters {
        #[serde(rename = "round")]
        _round: u32,
    }

    pub(crate) struct Root(AtomicU32);

    // Before the plugin itself: the order does not matter.
    impl hooks::HandOver for Root {
        type State = u32;

        fn hand_over(&self) -> Result<u32, hooks::BoxError> {
            Ok(self.0.load(Ordering::Relaxed))
        }

        fn take_over(
            state: u32,
            _: Parameters,
            _: &mut hooks::LibraryHandle,
        ) -> Result<Self, hooks::BoxError> {
            Ok(Root(AtomicU32::new(state)))
        }
    }

    #[hooks::plugin]
    impl hooks::Plugin for Root {
        type Parameters = Parameters;

        fn load(_: Parameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
            Ok(Root(AtomicU32::new(0)))
        }
    }

    #[hooks::callout(crate::received)]
    fn count(this: &Root, count: &mut u32) {
        *count = this.0.fetch_add(1, Ordering::Relaxed) + 1;
    }
}

hooks::declare_hooks! {
    pub hook received(count: &mut u32) -> [Continue, Drop];
}

fn main() {
    let (hooks, mut count) = (hooks::Hooks::new(), 0);
    for round in 1..4 {
        let library = hooks::LibraryConfig::new(hooks::Source::Builtin(env!("CARGO_PKG_NAME").into()));
        hooks.reload(vec![library.parameters(serde_json::json!({"round": round}))]).unwrap();
        let _ = received::call(&mut hooks.handle(), || received::Args { count: &mut count });
        assert_eq!(count, round);
    }
}
