//! Helpers of the integration tests.

mod c;
pub mod heap;
mod journal;
mod libraries;
mod loading;
mod log;
mod packets;
mod waiting;

pub use c::{c_library, has_c_compilers, include};
pub use journal::Journal;
pub use libraries::{Origin, altered, library_path, patched, records, shared, text_in_records, with_one_callout};
pub use loading::hooks;
pub use log::{Recorded, Recorder, logged, recorded, warnings};
pub use packets::{receive, script, send, text_of};
pub use waiting::{Patience, Stops, wait_until};

/// Makes two tests of each function that takes an [`Origin`]: one with shared libraries, one with plugins that are compiled in.
///
/// The tests are called `shared::…` and `built_in::…`, so that a failure says which it was.
#[macro_export]
macro_rules! both {
    ($($test:ident),+ $(,)?) => {
        mod shared {
            $(#[test] fn $test() { super::$test($crate::Origin::Shared); })+
        }
        mod built_in {
            $(#[test] fn $test() { super::$test($crate::Origin::BuiltIn); })+
        }
    };
}

/// The examples of the page for whoever comes from the reference.
#[cfg(doctest)]
#[doc = include_str!("../../docs/COMING-FROM-KEA.md")]
mod coming_from_kea {}
