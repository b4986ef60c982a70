//! A callout as a value, to be registered through a library handle: a function with `#[callout]`, or a closure.
#![expect(unsafe_code, reason = "a closure crosses the boundary as a pointer with its thunk")]

use std::borrow::Cow;
use std::ffi::c_void;
use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

use crate::abi::callout::{CalloutEntry, Thunk};
use crate::abi::counted::Counted;
use crate::abi::decode;
use crate::abi::point::HookPoint;
use crate::abi::{Head, Registration, Text};
use crate::arguments::Arguments;
use crate::handle::CalloutHandle;
use crate::typed::{self, Answer, AnyHook};

/// A callout that can be registered at run time, through a [`LibraryHandle`](crate::LibraryHandle).
///
/// - A function `check` with `#[callout]` gives `check::callout()`.
/// - A hook point `pkt4_receive` makes one of a closure: `pkt4_receive::callout(|handle, args| …)`. The closure is lent all
///   arguments.
/// - [`Callout::by_name`] makes one of a closure that takes its arguments by name.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// hooks::declare_hooks! { pub hook frame_counted(length: u32) -> [Continue, Drop]; }
///
/// # fn main() -> Result<(), hooks::Error> {
/// let hooks = hooks::Hooks::new();
/// let total = Arc::new(AtomicU32::new(0));
/// let counter = Arc::clone(&total);
/// let count = frame_counted::callout(move |_, arguments| {
///     counter.fetch_add(arguments.length, Ordering::Relaxed);
/// });
/// let before = hooks.pre_callouts_library_handle();
/// before.register_callout(&count)?;
/// let _ = frame_counted::call(&mut hooks.handle(), || frame_counted::Args { length: 7 });
/// assert_eq!(total.load(Ordering::Relaxed), 7);
/// assert!(before.deregister_callout(&count));
/// # Ok(())
/// # }
/// ```
///
/// A clone is the same callout: what one registers the other deregisters.
#[derive(Clone)]
pub struct Callout {
    pub(crate) hook: Cow<'static, str>,
    name: Cow<'static, str>,
    file: Cow<'static, str>,
    line: u32,
    thunk: Thunk,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// A function: the address of its record, whether it takes the plugin's state, and whether it cannot reach the handle.
    Function { record: usize, takes_state: bool, is_plain: bool },
    /// A closure, and the hook point as this binary knows it, unless it takes its arguments by name.
    Closure { closure: Counted, point: Option<&'static HookPoint> },
}

impl Callout {
    /// The function that `entry` describes. For generated code.
    #[doc(hidden)]
    pub fn function(entry: &CalloutEntry) -> Callout {
        // A record that this very build wrote can be read; otherwise no hook point has this name, and registering says so.
        let record = decode::records(entry.record()).ok().and_then(|records| records.callouts.into_iter().next());
        let (hook, name, file, line) =
            record.map(|record| (record.hook, record.name, record.file, record.line)).unwrap_or_default();
        let (takes_state, is_plain) = (entry.state.is_some(), entry.is_plain);
        let kind = Kind::Function { record: entry.record().as_ptr().addr(), takes_state, is_plain };
        let (hook, name, file) = (hook.into(), name.into(), file.into());
        Callout { hook, name, file, line, thunk: entry.thunk, kind }
    }

    /// A closure for `point`. For generated code.
    ///
    /// # Safety
    ///
    /// `thunk` must take the argument struct of `point` (any, if there is none) and a pointer to `closure`.
    #[doc(hidden)]
    #[track_caller]
    pub unsafe fn closure<F: Send + Sync + 'static>(
        hook: impl Into<Cow<'static, str>>,
        point: Option<&'static HookPoint>,
        thunk: Thunk,
        closure: F,
    ) -> Callout {
        let place = Location::caller();
        Callout {
            hook: hook.into(),
            name: std::any::type_name::<F>().into(),
            file: place.file().into(),
            line: place.line(),
            thunk,
            kind: Kind::Closure { closure: Counted::new(Arc::new(closure)), point },
        }
    }

    /// A callout for the hook point `hook`, whatever it is: the closure takes its arguments by name.
    ///
    /// For hook points that are registered at run time, and for tools that do not know the hook point.
    ///
    /// ```
    /// use hooks::{Arguments, Callout, CalloutHandle, NextStep};
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let hooks = hooks::Hooks::new();
    /// let shutdown = hooks.register_hook("server_shutdown")?;
    /// let refuse = Callout::by_name("server_shutdown", |_: &mut CalloutHandle<'_>, _: &mut Arguments<'_>| NextStep::Skip);
    /// hooks.post_callouts_library_handle().register_callout(&refuse)?;
    /// assert_eq!(hooks.handle().call_callouts(shutdown)?, NextStep::Skip);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn by_name<F, R>(hook: impl Into<Cow<'static, str>>, callout: F) -> Callout
    where
        F: Fn(&mut CalloutHandle<'_>, &mut Arguments<'_>) -> R + Send + Sync + 'static,
        R: Answer<AnyHook>,
    {
        unsafe extern "C" fn thunk<F, R>(head: *mut Head, _: *mut c_void, state: *const c_void) -> u32
        where
            F: Fn(&mut CalloutHandle<'_>, &mut Arguments<'_>) -> R,
            R: Answer<AnyHook>,
        {
            // SAFETY: the host calls the thunk with the head of the call's handle and the closure, which it keeps alive. No
            // argument is taken in another way.
            unsafe {
                typed::run(head, || {
                    let callout = &*state.cast::<F>();
                    typed::lend_arguments(head, |arguments| {
                        typed::lend_handle(head, |handle| typed::answer::<AnyHook, R>(callout(handle, arguments)))
                    })
                })
            }
        }
        // SAFETY: the thunk takes no argument struct, and the closure that is given here.
        unsafe { Callout::closure(hook, None, thunk::<F, R>, callout) }
    }

    /// The name of the hook point to which it belongs.
    pub fn hook(&self) -> &str {
        &self.hook
    }

    /// What is the same for one callout and for no other.
    pub(crate) fn identity(&self) -> *const c_void {
        match &self.kind {
            Kind::Function { record, .. } => ptr::without_provenance(*record),
            Kind::Closure { closure, .. } => closure.pointer(),
        }
    }

    /// What crosses the boundary: `hook` instead of its own hook point for a command.
    pub(crate) fn registration<'a>(&'a self, hook: &'a str, across_loads: bool) -> Registration {
        let (closure, point, takes_state, is_plain) = match &self.kind {
            Kind::Function { takes_state, is_plain, .. } => (ptr::null(), ptr::null(), *takes_state, *is_plain),
            // A closure is lent the handle.
            Kind::Closure { closure, point } => {
                (ptr::from_ref(closure), point.map_or(ptr::null(), ptr::from_ref), false, false)
            }
        };
        Registration {
            hook: Text::new(hook),
            name: Text::new(&self.name),
            file: Text::new(&self.file),
            line: self.line,
            thunk: self.thunk,
            identity: self.identity(),
            closure,
            point,
            is_plain,
            takes_state,
            across_loads,
        }
    }
}

impl fmt::Debug for Callout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callout").field("hook", &self.hook).field("name", &self.name).finish()
    }
}
