//! The table of functions of the C interface: one declaration makes the struct, the table of this host, and what the header says.

use std::ffi::{c_char, c_int, c_void};

use super::types::{CHandle, CLibrary, CTicket, CType, Destroy, Function};
use super::{arguments, context, extra, handle, library, park};

/// A function of the table as the header has it.
pub(super) struct Entry {
    pub(super) documentation: &'static [&'static str],
    pub(super) result: &'static str,
    pub(super) name: &'static str,
    /// Type and name of each parameter.
    pub(super) parameters: &'static [(&'static str, &'static str)],
}

/// The functions with a heading for each group of them.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) entries: &'static [Entry],
}

macro_rules! table {
    ($($title:literal { $(
        $(#[doc = $doc:literal])*
        $module:ident::$name:ident($($parameter:ident: $ty:ty),*) -> $result:ty;
    )* })*) => {
        /// `hooks_api`: what each handle, library and ticket begins with a pointer to.
        #[derive(Debug)]
        #[repr(C)]
        pub(crate) struct Api {
            $($($name: unsafe extern "C" fn($($ty),*) -> $result,)*)*
        }

        /// The functions of this host.
        pub(super) static API: Api = Api { $($($name: $module::$name,)*)* };

        /// What the header says of them.
        pub(super) const SECTIONS: &[Section] = &[$(Section {
            title: $title,
            entries: &[$(Entry {
                documentation: &[$($doc),*],
                result: <$result as CType>::SPELLING,
                name: stringify!($name),
                parameters: &[$((<$ty as CType>::SPELLING, stringify!($parameter))),*],
            }),*],
        }),*];
    };
}

table! {
    "Where a callout is" {
        /// The name of the hook point that is being called; of use while the callout runs.
        handle::hook_name(handle: *mut CHandle) -> *const c_char;
        /// The library of the callout.
        handle::handle_library(handle: *mut CHandle) -> *mut CLibrary;
        /// The text of the last error on this thread; of use until the next error on it.
        handle::handle_last_error(handle: *mut CHandle) -> *const c_char;
        /// Writes a line to the server's log, under the name of the library.
        handle::handle_log(handle: *mut CHandle, level: c_int, message: *const c_char) -> c_int;
    }
    "The status" {
        /// The status as the callouts before have left it.
        handle::status(handle: *mut CHandle) -> c_int;
        /// Sets the status, also back to HOOKS_CONTINUE. Refused if the hook point does not honour it, or after a callout has failed.
        handle::set_status(handle: *mut CHandle, status: c_int) -> c_int;
        /// Sets the status although an earlier callout has failed.
        handle::override_failure(handle: *mut CHandle, status: c_int) -> c_int;
    }
    "Declared arguments, by path" {
        /// Copies the name of the argument with this number, from 0 on.
        arguments::argument_name(handle: *mut CHandle, index: usize, buffer: *mut c_char, size: usize, length: *mut usize) -> c_int;
        /// Copies the name of the field with this number of the struct at the path, from 0 on.
        arguments::field_name(handle: *mut CHandle, path: *const c_char, index: usize, buffer: *mut c_char, size: usize, length: *mut usize) -> c_int;
        /// Copies the type of what is at the path, as Rust spells it.
        arguments::type_name(handle: *mut CHandle, path: *const c_char, buffer: *mut c_char, size: usize, length: *mut usize) -> c_int;
        /// Whether it can be changed: the hook point lends it so, and no private field is on the path.
        arguments::is_writable(handle: *mut CHandle, path: *const c_char, writable: *mut bool) -> c_int;
        /// Whether it is there: false for an Option that is None.
        arguments::is_present(handle: *mut CHandle, path: *const c_char, present: *mut bool) -> c_int;
        /// The number of elements of a list or an array, or of the bytes of a text.
        arguments::get_length(handle: *mut CHandle, path: *const c_char, length: *mut usize) -> c_int;
        /// Makes an Option None, a list or a text empty.
        arguments::clear_value(handle: *mut CHandle, path: *const c_char) -> c_int;
        /// Gets an integer of any width, or the number of an enum's variant.
        arguments::get_int(handle: *mut CHandle, path: *const c_char, value: *mut i64) -> c_int;
        /// Sets an integer of any width.
        arguments::set_int(handle: *mut CHandle, path: *const c_char, value: i64) -> c_int;
        /// Gets an integer of any width, or the number of an enum's variant.
        arguments::get_uint(handle: *mut CHandle, path: *const c_char, value: *mut u64) -> c_int;
        /// Sets an integer of any width.
        arguments::set_uint(handle: *mut CHandle, path: *const c_char, value: u64) -> c_int;
        /// Gets a bool.
        arguments::get_bool(handle: *mut CHandle, path: *const c_char, value: *mut bool) -> c_int;
        /// Sets a bool.
        arguments::set_bool(handle: *mut CHandle, path: *const c_char, value: bool) -> c_int;
        /// Gets a floating-point number.
        arguments::get_double(handle: *mut CHandle, path: *const c_char, value: *mut f64) -> c_int;
        /// Sets a floating-point number.
        arguments::set_double(handle: *mut CHandle, path: *const c_char, value: f64) -> c_int;
        /// Gets a Unicode character.
        arguments::get_char(handle: *mut CHandle, path: *const c_char, value: *mut u32) -> c_int;
        /// Sets a Unicode character.
        arguments::set_char(handle: *mut CHandle, path: *const c_char, value: u32) -> c_int;
        /// Copies a text, an IP address as text, or the name of an enum's variant.
        arguments::get_string(handle: *mut CHandle, path: *const c_char, buffer: *mut c_char, size: usize, length: *mut usize) -> c_int;
        /// Sets a text, or an IP address from its text.
        arguments::set_string(handle: *mut CHandle, path: *const c_char, value: *const c_char) -> c_int;
        /// Copies the bytes of a list or an array of bytes, or of a text.
        arguments::get_bytes(handle: *mut CHandle, path: *const c_char, buffer: *mut u8, size: usize, length: *mut usize) -> c_int;
        /// Sets the bytes of a list, or all of an array.
        arguments::set_bytes(handle: *mut CHandle, path: *const c_char, value: *const u8, length: usize) -> c_int;
    }
    "Extra arguments: values that callouts of one request hand to each other, and to the server" {
        /// Sets an extra argument, which Rust sees as an i64.
        extra::set_extra_int(handle: *mut CHandle, name: *const c_char, value: i64) -> c_int;
        /// Gets an extra argument that is an integer of any width.
        extra::get_extra_int(handle: *mut CHandle, name: *const c_char, value: *mut i64) -> c_int;
        /// Sets an extra argument, which Rust sees as a u64.
        extra::set_extra_uint(handle: *mut CHandle, name: *const c_char, value: u64) -> c_int;
        /// Gets an extra argument that is an integer of any width.
        extra::get_extra_uint(handle: *mut CHandle, name: *const c_char, value: *mut u64) -> c_int;
        /// Sets an extra argument, which Rust sees as a bool.
        extra::set_extra_bool(handle: *mut CHandle, name: *const c_char, value: bool) -> c_int;
        /// Gets an extra argument that is a bool.
        extra::get_extra_bool(handle: *mut CHandle, name: *const c_char, value: *mut bool) -> c_int;
        /// Sets an extra argument, which Rust sees as an f64.
        extra::set_extra_double(handle: *mut CHandle, name: *const c_char, value: f64) -> c_int;
        /// Gets an extra argument that is a floating-point number.
        extra::get_extra_double(handle: *mut CHandle, name: *const c_char, value: *mut f64) -> c_int;
        /// Sets an extra argument, which Rust sees as a String.
        extra::set_extra_string(handle: *mut CHandle, name: *const c_char, value: *const c_char) -> c_int;
        /// Copies an extra argument that is a String.
        extra::get_extra_string(handle: *mut CHandle, name: *const c_char, buffer: *mut c_char, size: usize, length: *mut usize) -> c_int;
        /// Deletes an extra argument of any type.
        extra::delete_extra(handle: *mut CHandle, name: *const c_char) -> c_int;
    }
    "The library's context in a request: pointers by name" {
        /// Keeps a pointer until it is deleted or replaced or the request ends; then destroy (if it is not NULL) is called with it,
        /// perhaps on another thread.
        context::set_context(handle: *mut CHandle, name: *const c_char, value: *mut c_void, destroy: Option<Destroy>) -> c_int;
        /// Gets a pointer of this library's.
        context::get_context(handle: *mut CHandle, name: *const c_char, value: *mut *mut c_void) -> c_int;
        /// Deletes a pointer of this library's.
        context::delete_context(handle: *mut CHandle, name: *const c_char) -> c_int;
    }
    "Parking" {
        /// Takes a ticket for the request; set the status HOOKS_PARK as well. The request goes on when all of its tickets are resolved.
        park::park(handle: *mut CHandle, ticket: *mut *mut CTicket) -> c_int;
        /// Resolves a ticket: the request may go on. From any thread, once; the ticket is gone afterwards.
        park::resume(ticket: *mut CTicket) -> ();
        /// Resolves a ticket: the request is to be dropped. From any thread, once; the ticket is gone afterwards.
        park::drop_request(ticket: *mut CTicket) -> ();
    }
    "The library" {
        /// The library's name: that of its file, without lib and .so.
        library::library_name(library: *mut CLibrary) -> *const c_char;
        /// What the configuration gives as its parameters: JSON, {} if there are none.
        library::library_parameters(library: *mut CLibrary) -> *const c_char;
        /// The text of the last error on this thread; of use until the next error on it.
        handle::library_last_error(library: *mut CLibrary) -> *const c_char;
        /// Writes a line to the server's log, under the name of the library.
        library::library_log(library: *mut CLibrary, level: c_int, message: *const c_char) -> c_int;
        /// Whether the server's log takes lines of this level.
        handle::log_enabled(library: *mut CLibrary, level: c_int, enabled: *mut bool) -> c_int;
        /// Attaches a function to a hook point, behind what the library has there; see the macro hooks_register_callout.
        library::register_callout_at(library: *mut CLibrary, hook: *const c_char, name: *const c_char, function: Option<Function>, file: *const c_char, line: u32) -> c_int;
        /// Takes a function of this library off a hook point.
        library::deregister_callout(library: *mut CLibrary, hook: *const c_char, function: Option<Function>) -> c_int;
        /// Takes all functions of this library off a hook point.
        library::deregister_all_callouts(library: *mut CLibrary, hook: *const c_char) -> c_int;
        /// Has a function handle a command; see the macro hooks_register_command_callout.
        library::register_command_callout_at(library: *mut CLibrary, command: *const c_char, name: *const c_char, function: Option<Function>, file: *const c_char, line: u32) -> c_int;
        /// Has a function handle a command no longer.
        library::deregister_command_callout(library: *mut CLibrary, command: *const c_char, function: Option<Function>) -> c_int;
        /// Registers a hook point that the server or other libraries call by name; see the macro hooks_register_hook.
        library::register_hook_at(library: *mut CLibrary, name: *const c_char, file: *const c_char, line: u32) -> c_int;
    }
}
