//! What crosses between C and the host: texts, buffers, errors. No panic leaves a function of the table.
#![expect(unsafe_code, reason = "follows the pointers that C passes")]

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use super::constants::{HOOKS_ERROR_INTERNAL, HOOKS_ERROR_INVALID, HOOKS_ERROR_SIZE, HOOKS_OK};
use crate::abi::guard::guard;

/// Why a function of the table did not do what it was asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Failure {
    pub(super) code: c_int,
    pub(crate) text: String,
}

impl Failure {
    pub(super) fn new(code: c_int, text: impl Into<String>) -> Failure {
        Failure { code, text: text.into() }
    }
}

pub(super) type Done = Result<(), Failure>;

thread_local! {
    /// The text of the last error on this thread.
    static LAST: RefCell<CString> = RefCell::default();
}

/// Runs what a function of the table does, and turns an error into its number.
pub(super) fn run(body: impl FnOnce() -> Done) -> c_int {
    match guard(body) {
        Ok(Ok(())) => HOOKS_OK,
        failed => number_of(failed),
    }
}

/// Keeps the text of a failure for who asks. Apart, because [`run`] is compiled once for each function of the table.
#[cold]
fn number_of(failed: Result<Done, String>) -> c_int {
    let failure = match failed {
        Ok(Ok(())) => return HOOKS_OK,
        Ok(Err(failure)) => failure,
        Err(message) => Failure::new(HOOKS_ERROR_INTERNAL, format!("the host panicked: {message}")),
    };
    // A thread that is ending has no place for the text any more; the number is returned all the same.
    let _ = LAST.try_with(|last| last.replace(c_string(&failure.text)));
    failure.code
}

/// The text of the last error on this thread; of use until the next error on it.
pub(super) fn last_error() -> *const c_char {
    LAST.try_with(|last| last.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// The text as C has it; zero bytes, which C cannot have inside, are left out.
pub(super) fn c_string(text: &str) -> CString {
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    CString::new(bytes).unwrap_or_default()
}

/// The text at `pointer`; `what` it is, for the error.
///
/// # Safety
///
/// `pointer` must be null or a text with a zero byte at its end that stays as it is for `'a`.
pub(super) unsafe fn text<'a>(pointer: *const c_char, what: &str) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(Failure::new(HOOKS_ERROR_INVALID, format!("{what} is NULL")));
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| {
        Failure::new(HOOKS_ERROR_INVALID, format!("{what} is not UTF-8: `{}`", text.to_string_lossy().escape_debug()))
    })
}

/// The bytes at `pointer`, which may be null if there are none.
///
/// # Safety
///
/// `pointer` must be null or point to `length` bytes that stay as they are for `'a`.
pub(super) unsafe fn bytes<'a>(pointer: *const u8, length: usize) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() || isize::try_from(length).is_err() {
        return Err(Failure::new(HOOKS_ERROR_INVALID, format!("there are no {length} bytes at the given pointer")));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// Writes `value` where C wants it.
///
/// # Safety
///
/// `target` must be null or point to a place for it.
pub(super) unsafe fn give<T>(target: *mut T, value: T) -> Done {
    if target.is_null() {
        return Err(Failure::new(HOOKS_ERROR_INVALID, "the pointer for the result is NULL"));
    }
    // SAFETY: the caller's promise.
    unsafe { target.write(value) };
    Ok(())
}

/// Copies `bytes` into a buffer of C's; without a buffer only their length is given.
///
/// # Safety
///
/// `buffer` must be null or have `size` bytes; `length` must be null or point to a place for it.
pub(super) unsafe fn copy(bytes: &[u8], buffer: *mut u8, size: usize, length: *mut usize) -> Done {
    if !length.is_null() {
        // SAFETY: the caller's promise.
        unsafe { length.write(bytes.len()) };
    }
    if buffer.is_null() && size == 0 && !length.is_null() {
        return Ok(());
    }
    if buffer.is_null() && !bytes.is_empty() {
        return Err(Failure::new(HOOKS_ERROR_INVALID, "the buffer is NULL"));
    }
    if bytes.len() > size {
        let text = format!("the buffer has {size} bytes, {} are needed", bytes.len());
        return Err(Failure::new(HOOKS_ERROR_SIZE, text));
    }
    if !bytes.is_empty() {
        // SAFETY: there is room, and a buffer of C's does not overlap with what is the host's.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
    }
    Ok(())
}

/// Copies `text` into a buffer of C's with a zero byte behind it; the length does not count that byte.
///
/// # Safety
///
/// As for [`copy`].
pub(super) unsafe fn copy_text(text: &str, buffer: *mut c_char, size: usize, length: *mut usize) -> Done {
    if !buffer.is_null() && size <= text.len() {
        if !length.is_null() {
            // SAFETY: the caller's promise.
            unsafe { length.write(text.len()) };
        }
        let text = format!("the buffer has {size} bytes, {} are needed with the zero byte at the end", text.len() + 1);
        return Err(Failure::new(HOOKS_ERROR_SIZE, text));
    }
    // SAFETY: the caller's promise.
    unsafe { copy(text.as_bytes(), buffer.cast(), size, length) }?;
    if !buffer.is_null() {
        // SAFETY: the buffer has more bytes than the text.
        unsafe { buffer.add(text.len()).write(0) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::constants::HOOKS_ERROR_SIZE;
    use super::*;

    fn copied(text: &str, size: usize) -> (Result<(), c_int>, String, usize) {
        let (mut buffer, mut length) = (vec![b'?'; size + 1], 99);
        // SAFETY: the buffer has more than `size` bytes.
        let done = unsafe { copy_text(text, buffer.as_mut_ptr().cast(), size, &raw mut length) };
        (done.map_err(|failure| failure.code), String::from_utf8(buffer).unwrap(), length)
    }

    #[test]
    fn a_text_is_copied_whole_or_not_at_all() {
        assert_eq!(copied("abc", 4), (Ok(()), "abc\0?".to_owned(), 3));
        assert_eq!(copied("abc", 3), (Err(HOOKS_ERROR_SIZE), "????".to_owned(), 3));
        assert_eq!(copied("", 1), (Ok(()), "\0?".to_owned(), 0));
        assert_eq!(copied("", 0), (Err(HOOKS_ERROR_SIZE), "?".to_owned(), 0));
    }

    #[test]
    fn a_length_is_given_without_a_buffer() {
        let mut length = 0;
        // SAFETY: there is no buffer, and a place for the length.
        assert_eq!(unsafe { copy_text("abc", ptr::null_mut(), 0, &raw mut length) }, Ok(()));
        assert_eq!(length, 3);
    }

    #[test]
    fn a_panic_becomes_a_number_and_a_text() {
        assert_eq!(run(|| panic!("at the boundary")), HOOKS_ERROR_INTERNAL);
        // SAFETY: the text stays until the next error.
        let text = unsafe { text(last_error(), "the text") };
        assert_eq!(text, Ok("the host panicked: at the boundary"));
    }
}
