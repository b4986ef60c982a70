//! Typed keys of contexts: what a library keeps for one request, found without looking for its name each time.
#![expect(unsafe_code, reason = "keeps where a value is as a pointer in the handle")]

use std::any::{Any, TypeId};
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use crate::abi::Text;
use crate::error::Error;
use crate::handle::CalloutHandle;
use crate::values::{AnyValue, replace_guarded};

/// The key of a value of type `T` in contexts: the fast and typed way to what a library keeps for one request.
///
/// It is declared as a `static`. The value is the one that [`CalloutHandle::context`] and the others find by the name, so each
/// library has its own, and so has the component. Within a callout the first use looks for the name, the others do not.
///
/// ```
/// use hooks::ContextKey;
///
/// static SEEN: ContextKey<u32> = ContextKey::new("seen");
///
/// let mut handle = hooks::Hooks::new().handle();
/// assert!(SEEN.get(&handle).is_err());
/// SEEN.set(&mut handle, 1);
/// *SEEN.get_mut(&mut handle)? += 1;
/// assert_eq!(SEEN.get(&handle)?, &2);
/// assert_eq!(handle.context::<u32>("seen")?, &2);
/// assert!(SEEN.delete(&mut handle));
/// assert_eq!(*SEEN.get_or_insert_with(&mut handle, || 7), 7);
/// # Ok::<(), hooks::Error>(())
/// ```
pub struct ContextKey<T> {
    name: &'static str,
    /// So that keys of different types never are one constant at one address.
    _type: TypeId,
    /// Invariant: a key of `for<'a> fn(&'a str)` is none of `fn(&'static str)`, which would have the same address.
    _value: PhantomData<fn(T) -> T>,
}

impl<T: Any + Send> ContextKey<T> {
    /// The key of the value `name`.
    pub const fn new(name: &'static str) -> ContextKey<T> {
        ContextKey { name, _type: TypeId::of::<T>(), _value: PhantomData }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The value in the context of the library whose callout is running.
    ///
    /// # Errors
    ///
    /// If the library has no context in this handle, if there is no such value, or if it is not a `T`.
    #[inline]
    pub fn get<'a>(&'static self, handle: &'a CalloutHandle<'_>) -> Result<&'a T, Error> {
        match self.find(handle) {
            // SAFETY: the value stays until somebody deletes or replaces it, which needs `&mut`.
            Some(value) => Ok(unsafe { &*value }),
            None => handle.context(self.name),
        }
    }

    /// The value, to change.
    ///
    /// # Errors
    ///
    /// As for [`Self::get`].
    #[inline]
    pub fn get_mut<'a>(&'static self, handle: &'a mut CalloutHandle<'_>) -> Result<&'a mut T, Error> {
        match self.find(handle) {
            // SAFETY: as in `get`, and the handle is borrowed mutably as long as the value.
            Some(value) => Ok(unsafe { &mut *value }),
            None => handle.context_mut(self.name),
        }
    }

    /// The value, to change; the one that `make` returns if there is none, or none of this type.
    #[inline]
    pub fn get_or_insert_with<'a>(
        &'static self,
        handle: &'a mut CalloutHandle<'_>,
        make: impl FnOnce() -> T,
    ) -> &'a mut T {
        let value = match self.find(handle) {
            Some(value) => value,
            None => {
                handle.set_context(self.name, make());
                self.find(handle).expect("it has just been stored")
            }
        };
        // SAFETY: as in `get_mut`.
        unsafe { &mut *value }
    }

    /// Stores `value` in place of what is there.
    #[inline]
    pub fn set(&'static self, handle: &mut CalloutHandle<'_>, value: T) {
        match self.find(handle) {
            // SAFETY: as in `get_mut`.
            Some(place) => replace_guarded(unsafe { &mut *place }, value),
            None => handle.set_context(self.name, value),
        }
    }

    /// Drops the value; whether there was one.
    pub fn delete(&'static self, handle: &mut CalloutHandle<'_>) -> bool {
        handle.delete_context(self.name)
    }

    /// Where the value is, if it is a `T`.
    #[inline]
    fn find(&'static self, handle: &CalloutHandle<'_>) -> Option<*mut T> {
        let head = handle.head();
        // SAFETY: the head is this handle's.
        let (key, value) = unsafe { ((*head).key, (*head).value) };
        // A key that is stored is a static, or a constant, and there is no other key at its address.
        if ptr::eq(key, self.address()) { Some(value.cast()) } else { self.find_slowly(handle) }
    }

    #[inline(never)]
    fn find_slowly(&'static self, handle: &CalloutHandle<'_>) -> Option<*mut T> {
        let head = handle.head();
        // SAFETY: the head is this handle's; the name is lent for this call.
        let value = unsafe { (handle.api().context)(head, self.address(), Text::new(self.name)) };
        // SAFETY: a context's values were all put there by the binary whose code is running, as an `AnyValue`.
        let value: *mut T = unsafe { AnyValue::downcast(value.cast())? };
        // SAFETY: as above. The host forgets the key before the value goes, and before another context is meant.
        unsafe {
            (*head).key = self.address();
            (*head).value = value.cast();
        }
        Some(value)
    }

    fn address(&'static self) -> *const c_void {
        ptr::from_ref(self).cast()
    }
}

impl<T> fmt::Debug for ContextKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextKey").field(&self.name).finish()
    }
}
