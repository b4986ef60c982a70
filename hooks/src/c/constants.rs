//! The numbers of the C interface, for both sides from one list.

use std::ffi::c_int;

use crate::status::NextStep;

/// A group of numbers as the header has it.
pub(super) struct Group {
    pub(super) documentation: &'static [&'static str],
    pub(super) constants: &'static [Constant],
}

/// A number of the header.
pub(super) struct Constant {
    pub(super) name: &'static str,
    pub(super) value: c_int,
    pub(super) documentation: &'static [&'static str],
}

macro_rules! groups {
    ($($(#[doc = $about:literal])* { $($(#[doc = $doc:literal])* $name:ident = $value:expr,)* })*) => {
        $($($(#[doc = $doc])* pub(super) const $name: c_int = $value;)*)*

        /// All numbers.
        pub(super) const GROUPS: &[Group] = &[$(Group {
            documentation: &[$($about),*],
            constants: &[$(Constant { name: stringify!($name), value: $name, documentation: &[$($doc),*] }),*],
        }),*];
    };
}

groups! {
    /// What the functions return. Every other number than HOOKS_OK is an error: hooks_last_error() has its text.
    {
        /// Done.
        HOOKS_OK = 0,
        /// A pointer is NULL that must not be, a text is not UTF-8, or a path cannot be read.
        HOOKS_ERROR_INVALID = 1,
        /// There is no such argument, field, element, value, hook point or callout, or it is absent (None).
        HOOKS_ERROR_NOT_FOUND = 2,
        /// It has another type.
        HOOKS_ERROR_TYPE = 3,
        /// The number does not fit.
        HOOKS_ERROR_RANGE = 4,
        /// The hook point lends it read-only.
        HOOKS_ERROR_READ_ONLY = 5,
        /// The buffer is too small; the length that it must have has been written.
        HOOKS_ERROR_SIZE = 6,
        /// The hook point or the host does not allow it.
        HOOKS_ERROR_REFUSED = 7,
        /// The host failed.
        HOOKS_ERROR_INTERNAL = 8,
    }
    /// Next steps. Each hook point honours some of them, and says what they mean there.
    {
        /// Go on.
        HOOKS_CONTINUE = NextStep::Continue as c_int,
        /// Leave out the server's own next step.
        HOOKS_SKIP = NextStep::Skip as c_int,
        /// Drop what is being worked on.
        HOOKS_DROP = NextStep::Drop as c_int,
        /// Put it aside; take a ticket with hooks_park() first.
        HOOKS_PARK = NextStep::Park as c_int,
    }
    /// Levels of log lines.
    {
        /// Something is wrong.
        HOOKS_LOG_ERROR = 1,
        /// Something may be wrong.
        HOOKS_LOG_WARN = 2,
        /// What operators want to know.
        HOOKS_LOG_INFO = 3,
        /// What developers want to know.
        HOOKS_LOG_DEBUG = 4,
        /// Everything.
        HOOKS_LOG_TRACE = 5,
    }
}

/// The number of the C interface: what `version` of a library returns. It changes with the table and with these numbers.
pub(super) const HOOKS_VERSION: c_int = 1;
