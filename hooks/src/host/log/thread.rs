//! What a thread is called.
#![expect(unsafe_code, reason = "asks the system")]

use std::ffi::CStr;

/// What the host calls this thread, or if it is not of the host's making, what the system calls it.
pub(super) fn name() -> String {
    let thread = std::thread::current();
    match thread.name() {
        Some(name) => name.to_owned(),
        None => system_name().unwrap_or_else(|| format!("{:?}", thread.id())),
    }
}

/// At most 15 bytes, of which the last one may be cut off in a character.
fn system_name() -> Option<String> {
    let mut name = [0; 64];
    // SAFETY: the buffer has the size that is given, and the thread is this one.
    let error = unsafe { libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len()) };
    let name = CStr::from_bytes_until_nul(&name).ok()?.to_string_lossy().into_owned();
    (error == 0 && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_called_by_its_name() {
        let named = std::thread::Builder::new().name("a thread with a long name".to_owned());
        let names = named.spawn(|| (name(), system_name())).unwrap().join().unwrap();
        assert_eq!(names, ("a thread with a long name".to_owned(), Some("a thread with ".to_owned() + "a")));
        // One without a name has its parent's in the system.
        assert!(!std::thread::spawn(name).join().unwrap().is_empty());
    }
}
