//! The one place where panics are caught: no unwinding ever crosses the boundary.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::panics;

/// What stands for the message of a panic that has none.
pub(crate) const NO_TEXT: &str = "a panic with a value that is no text";

/// So many payloads of panics in the drop of a payload are dropped.
const MAX_DROPS: u32 = 8;

/// Runs `body`; a panic becomes its message.
///
/// A panic that crossed into another binary's standard library would abort the process, so each side catches its own.
#[inline(always)]
pub(crate) fn guard<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    // Whatever `body` borrowed is either dropped or reported as failed by the caller; nothing half-changed is trusted.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => Ok(value),
        Err(payload) => Err(message(payload)),
    }
}

/// The text of a panic's payload, which is dropped safely; in a library with where it was.
#[cold]
#[inline(never)]
fn message(payload: Box<dyn Any + Send>) -> String {
    let text = if let Some(text) = payload.downcast_ref::<&'static str>() {
        Some((*text).to_owned())
    } else {
        payload.downcast_ref::<String>().cloned()
    };
    let place = panics::take(text.as_deref());
    let mut text = text.unwrap_or_else(|| NO_TEXT.to_owned());
    if let Some(place) = place {
        text.push_str(&place);
    }
    // The payload's own drop may panic, and so may the drop of that panic's payload, and so on: in the end one is forgotten.
    let mut payload = payload;
    for again in 0.. {
        let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(payload))) else { break };
        panics::forget();
        if again == 0 {
            text.push_str("; to drop its value panicked, too");
        }
        if again == MAX_DROPS {
            std::mem::forget(next);
            break;
        }
        payload = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guard(|| 7), Ok(7));
        assert_eq!(guard(|| -> u32 { panic!("plain") }), Err("plain".to_owned()));
        assert_eq!(guard(|| -> u32 { panic!("number {}", 5) }), Err("number 5".to_owned()));
    }

    struct Endless;
    impl Drop for Endless {
        fn drop(&mut self) {
            std::panic::panic_any(Endless);
        }
    }

    #[test]
    fn payloads_that_panic_without_end_are_survived() {
        let error = guard(|| -> u32 { std::panic::panic_any(Endless) }).unwrap_err();
        assert!(error.ends_with("panicked, too"), "{error}");
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_survived() {
        let error = guard(|| -> u32 { std::panic::panic_any(Bomb) }).unwrap_err();
        assert!(error.contains("no text") && error.ends_with("panicked, too"), "{error}");
    }
}
