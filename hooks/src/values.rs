//! What a handle stores: extra arguments between callouts, and a context for each library.
#![expect(unsafe_code, reason = "owned values cross the boundary as pointers with their drop functions")]

use std::any::{Any, type_name};
use std::ffi::c_void;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::abi::guard::guard;
use crate::abi::layout::HookType;
use crate::abi::{Sink, Space, Text, Value};
use crate::error::{Error, Kind};
use crate::handle::CalloutHandle;

/// What a context holds: only the binary that put it there takes it out.
pub(crate) struct AnyValue {
    value: Box<dyn Any + Send>,
    type_name: &'static str,
}

impl AnyValue {
    /// Where the value of type `T` is, to read and to write; nothing if `this` is null or has none of this type.
    ///
    /// # Safety
    ///
    /// `this` must be null or alive, and nobody may be changing it.
    pub(crate) unsafe fn downcast<T: Any>(this: *mut AnyValue) -> Option<*mut T> {
        // SAFETY: the caller's promise. No reference is made that would exclude those which are lent.
        unsafe {
            let is_it = !this.is_null() && (*this).value.is::<T>();
            is_it.then(|| (&raw mut *(*this).value).cast())
        }
    }
}

/// # Safety
///
/// `pointer` must come from a `Box<T>`, and is given up.
unsafe extern "C" fn drop_box<T>(pointer: *mut c_void) {
    // SAFETY: the caller's promise.
    drop_guarded(unsafe { Box::from_raw(pointer.cast::<T>()) });
}

/// Puts `value` in the place of one that is stored.
#[inline]
pub(crate) fn replace_guarded<T>(place: &mut T, value: T) {
    let old = std::mem::replace(place, value);
    if std::mem::needs_drop::<T>() {
        drop_guarded(old);
    }
}

/// Drops what was stored; a panic is only logged.
fn drop_guarded<T>(value: T) {
    if let Err(message) = guard(|| drop(value)) {
        log_panic(type_name::<T>(), &message);
    }
}

/// Apart, because its caller is compiled once for each type.
#[cold]
fn log_panic(type_name: &str, message: &str) {
    let _ = guard(|| tracing::error!("a value of the type `{type_name}` panicked in its drop: {message}"));
}

/// The hash of a type's layout as it crosses the boundary.
fn hash_of<T: HookType>() -> &'static [u64; 2] {
    const {
        let hash = T::LAYOUT.hash();
        &[hash as u64, (hash >> 64) as u64]
    }
}

/// What stands in the place of a hash where the type is known to its own binary only.
pub(crate) const OWN_TYPE: [u64; 2] = [0, 0];

/// Extra arguments: owned values that callouts of one request hand to each other, and to the component, by name.
///
/// They are kept until they are deleted or the handle goes; the arguments that a hook point declares are not among them.
impl CalloutHandle<'_> {
    /// Stores `value` as the extra argument `name`, in place of one that has the name.
    ///
    /// # Errors
    ///
    /// If the hook point whose callouts are running declares an argument of this name.
    ///
    /// ```
    /// let mut handle = hooks::Hooks::new().handle();
    /// handle.set_argument("count", 5_u32)?;
    /// *handle.argument_mut::<u32>("count")? += 1;
    /// assert_eq!(handle.argument::<u32>("count")?, &6);
    /// assert!(handle.argument::<u64>("count").unwrap_err().to_string().contains("it is a `u32`"));
    /// # Ok::<(), hooks::Error>(())
    /// ```
    #[inline]
    pub fn set_argument<T: HookType + Send>(&mut self, name: &str, value: T) -> Result<(), Error> {
        match self.find(Space::ARGUMENTS, name, hash_of::<T>(), true) {
            Some(place) => {
                // SAFETY: as in `argument_mut`.
                replace_guarded(unsafe { place.cast().as_mut() }, value);
                Ok(())
            }
            None => self.add_argument(name, value),
        }
    }

    /// Where none of this name and type is, or where none may be set.
    #[inline(never)]
    fn add_argument<T: HookType + Send>(&mut self, name: &str, value: T) -> Result<(), Error> {
        let value = Value {
            pointer: Box::into_raw(Box::new(value)).cast(),
            drop: drop_box::<T>,
            hash: *hash_of::<T>(),
            type_name: Text::new(T::LAYOUT.name),
        };
        self.set_value(Space::ARGUMENTS, name, value)
            .map_err(|text| Error::new(Kind::Argument, format!("argument `{name}`: {text}")))
    }

    /// The extra argument `name`.
    ///
    /// # Errors
    ///
    /// If there is none, or if its type is not exactly `T`.
    #[inline]
    pub fn argument<T: HookType>(&self, name: &str) -> Result<&T, Error> {
        let value = self.find_argument::<T>(name)?;
        // SAFETY: the types' layouts are the same; the value stays until somebody deletes or replaces it, which needs `&mut`.
        Ok(unsafe { &*value.cast::<T>() })
    }

    /// The extra argument `name`, to change.
    ///
    /// # Errors
    ///
    /// As for [`Self::argument`].
    #[inline]
    pub fn argument_mut<T: HookType>(&mut self, name: &str) -> Result<&mut T, Error> {
        let value = self.find_argument::<T>(name)?;
        // SAFETY: as in `argument`, and the handle is borrowed mutably as long as the value.
        Ok(unsafe { &mut *value.cast::<T>() })
    }

    #[inline]
    fn find_argument<T: HookType>(&self, name: &str) -> Result<*mut c_void, Error> {
        match self.find(Space::ARGUMENTS, name, hash_of::<T>(), false) {
            Some(value) => Ok(value.as_ptr()),
            None => self.no_argument(name, hash_of::<T>(), T::LAYOUT.name),
        }
    }

    #[cold]
    #[inline(never)]
    fn no_argument(&self, name: &str, hash: &[u64; 2], asked: &str) -> Result<*mut c_void, Error> {
        self.value_or_error(Space::ARGUMENTS, name, hash)
            .map_err(|text| Error::new(Kind::Argument, format!("argument `{name}`, asked for as `{asked}`: {text}")))
    }

    /// The names of the extra arguments, in the order in which they were set.
    pub fn argument_names(&self) -> Vec<String> {
        self.value_names(Space::ARGUMENTS).unwrap_or_default()
    }

    /// Drops the extra argument `name`; whether there was one.
    pub fn delete_argument(&mut self, name: &str) -> bool {
        // SAFETY: the head is this handle's; the name is lent for this call.
        unsafe { (self.api().delete_value)(self.head(), Space::ARGUMENTS, Text::new(name)) }
    }

    /// Drops all extra arguments.
    pub fn delete_all_arguments(&mut self) {
        // SAFETY: the head is this handle's.
        unsafe { (self.api().delete_values)(self.head(), Space::ARGUMENTS) };
    }
}

/// Contexts: what a library keeps for one request from callout to callout.
///
/// Each library has its own, and so have the component's callouts before the libraries, those after them, and the component
/// outside of callouts. Names of arguments and of contexts have nothing to do with each other.
impl CalloutHandle<'_> {
    /// Stores `value` as `name` in the context of the library whose callout is running.
    ///
    /// ```
    /// let mut handle = hooks::Hooks::new().handle();
    /// handle.set_context("seen", vec!["one"]);
    /// handle.context_mut::<Vec<&str>>("seen")?.push("two");
    /// assert_eq!(handle.context::<Vec<&str>>("seen")?, &["one", "two"]);
    /// assert_eq!(handle.optional_context::<u32>("count")?, None);
    /// # Ok::<(), hooks::Error>(())
    /// ```
    pub fn set_context<T: Any + Send>(&mut self, name: &str, value: T) {
        let found = self.find(Space::CONTEXT, name, &OWN_TYPE, true).map(|value| value.cast::<AnyValue>());
        // SAFETY: as in `context_mut`: the value stays while `self` is borrowed.
        if let Some(place) = found.and_then(|mut found| unsafe { found.as_mut() }.value.downcast_mut()) {
            replace_guarded(place, value);
            return;
        }
        let value = AnyValue { value: Box::new(value), type_name: type_name::<T>() };
        let value = Value {
            pointer: Box::into_raw(Box::new(value)).cast(),
            drop: drop_box::<AnyValue>,
            hash: OWN_TYPE,
            type_name: Text::new(type_name::<T>()),
        };
        // Only arguments can be refused.
        let _ = self.set_value(Space::CONTEXT, name, value);
    }

    /// The value `name` of the context of the library whose callout is running.
    ///
    /// # Errors
    ///
    /// If the library has no context in this handle, if there is no such value, or if it is not a `T`.
    pub fn context<T: Any>(&self, name: &str) -> Result<&T, Error> {
        // SAFETY: the value stays until somebody deletes or replaces it, which needs `&mut`.
        let value = unsafe { &*self.find_context(name)? };
        value.value.downcast_ref().ok_or_else(|| wrong_type::<T>(name, value.type_name))
    }

    /// The value `name` of the context, to change.
    ///
    /// # Errors
    ///
    /// As for [`Self::context`].
    pub fn context_mut<T: Any>(&mut self, name: &str) -> Result<&mut T, Error> {
        // SAFETY: as in `context`, and the handle is borrowed mutably as long as the value.
        let value = unsafe { &mut *self.find_context(name)? };
        let found = value.type_name;
        value.value.downcast_mut().ok_or_else(|| wrong_type::<T>(name, found))
    }

    /// The value `name` of the context, or nothing if there is none.
    ///
    /// # Errors
    ///
    /// If it is not a `T`.
    pub fn optional_context<T: Any>(&self, name: &str) -> Result<Option<&T>, Error> {
        match self.find_context(name) {
            Err(_) => Ok(None),
            Ok(_) => self.context(name).map(Some),
        }
    }

    /// A context's values were all put there by the binary whose code is running: a library reaches its own context only.
    fn find_context(&self, name: &str) -> Result<*mut AnyValue, Error> {
        let found = self.value(Space::CONTEXT, name, &OWN_TYPE);
        found.map(<*mut c_void>::cast).map_err(|text| self.no_context(name, &text))
    }

    #[cold]
    fn no_context(&self, name: &str, text: &str) -> Error {
        Error::new(Kind::Context, format!("context `{name}` of {}: {text}", self.library_or_none()))
    }

    fn library_or_none(&self) -> String {
        let name = self.library_name();
        if name.is_empty() { "the component".to_owned() } else { format!("the library `{name}`") }
    }

    /// The names of the values in the context, in the order in which they were set.
    ///
    /// # Errors
    ///
    /// If the library whose callout is running has no context in this handle.
    pub fn context_names(&self) -> Result<Vec<String>, Error> {
        self.value_names(Space::CONTEXT)
            .ok_or_else(|| Error::new(Kind::Context, format!("{} has no context here", self.library_or_none())))
    }

    /// Drops the value `name` of the context; whether there was one.
    pub fn delete_context(&mut self, name: &str) -> bool {
        // SAFETY: the head is this handle's; the name is lent for this call.
        unsafe { (self.api().delete_value)(self.head(), Space::CONTEXT, Text::new(name)) }
    }

    /// Drops all values of the context.
    pub fn delete_all_context(&mut self) {
        // SAFETY: the head is this handle's.
        unsafe { (self.api().delete_values)(self.head(), Space::CONTEXT) };
    }
}

fn wrong_type<T>(name: &str, found: &str) -> Error {
    Error::new(Kind::Context, format!("context `{name}`, asked for as `{}`: it is a `{found}`", type_name::<T>()))
}

impl<'lent> CalloutHandle<'lent> {
    fn set_value(&mut self, space: Space, name: &str, value: Value) -> Result<(), String> {
        let mut error = String::new();
        // SAFETY: the head is this handle's; the value is given away, the texts are lent for this call.
        let done =
            unsafe { (self.api().set_value)(self.head(), space, Text::new(name), value, &mut Sink::new(&mut error)) };
        if done { Ok(()) } else { Err(error) }
    }

    /// A value of this type, if it is there and, where it is to be set, may be.
    #[inline]
    fn find(&self, space: Space, name: &str, hash: &[u64; 2], to_set: bool) -> Option<NonNull<c_void>> {
        // SAFETY: the head is this handle's; what is asked for is lent for this call.
        NonNull::new(unsafe { (self.api().find)(self.head(), space, Text::new(name), hash, to_set) })
    }

    #[inline]
    fn value(&self, space: Space, name: &str, hash: &[u64; 2]) -> Result<*mut c_void, String> {
        match self.find(space, name, hash, false) {
            Some(value) => Ok(value.as_ptr()),
            None => self.value_or_error(space, name, hash),
        }
    }

    #[cold]
    #[inline(never)]
    fn value_or_error(&self, space: Space, name: &str, hash: &[u64; 2]) -> Result<*mut c_void, String> {
        let mut error = String::new();
        // SAFETY: the head is this handle's; what is asked for is lent for this call.
        let found =
            unsafe { (self.api().value)(self.head(), space, Text::new(name), hash, &mut Sink::new(&mut error)) };
        if found.value.is_null() { Err(error) } else { Ok(found.value) }
    }

    fn value_names(&self, space: Space) -> Option<Vec<String>> {
        let mut names = String::new();
        // SAFETY: the head is this handle's.
        let found = unsafe { (self.api().value_names)(self.head(), space, &mut Sink::new(&mut names)) };
        found.then(|| names.split_terminator('\0').map(str::to_owned).collect())
    }

    /// Clears extra arguments and status for one step of the component's, and again when the result goes; contexts stay.
    ///
    /// ```
    /// let mut handle = hooks::Hooks::new().handle();
    /// handle.set_context("kept", 1);
    /// {
    ///     let mut state = handle.scoped_state();
    ///     state.set_argument("length", 20_u32)?;
    /// }
    /// assert!(handle.argument_names().is_empty());
    /// assert_eq!(handle.context_names()?, ["kept"]);
    /// # Ok::<(), hooks::Error>(())
    /// ```
    pub fn scoped_state(&mut self) -> ScopedCalloutHandleState<'_, 'lent> {
        self.reset_state();
        ScopedCalloutHandleState { handle: self }
    }

    fn reset_state(&mut self) {
        self.delete_all_arguments();
        // SAFETY: the head is this handle's.
        unsafe { (self.api().reset_status)(self.head()) };
    }
}

/// A handle whose extra arguments and status are cleared at the beginning and at the end; the reference's class of this name.
///
/// Made by [`CalloutHandle::scoped_state`]; it is used like the handle.
#[derive(Debug)]
pub struct ScopedCalloutHandleState<'a, 'lent> {
    handle: &'a mut CalloutHandle<'lent>,
}

impl Drop for ScopedCalloutHandleState<'_, '_> {
    fn drop(&mut self) {
        self.handle.reset_state();
    }
}

impl<'lent> Deref for ScopedCalloutHandleState<'_, 'lent> {
    type Target = CalloutHandle<'lent>;

    fn deref(&self) -> &CalloutHandle<'lent> {
        self.handle
    }
}

impl<'lent> DerefMut for ScopedCalloutHandleState<'_, 'lent> {
    fn deref_mut(&mut self) -> &mut CalloutHandle<'lent> {
        self.handle
    }
}
