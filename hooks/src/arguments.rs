//! The arguments of a call by name, with exact types: for tools that do not know the hook point, and for parity.
#![expect(unsafe_code, reason = "follows the pointers of an argument struct after their types have been compared")]

use std::ffi::c_void;
use std::marker::PhantomData;

use crate::abi::layout::HookType;
use crate::abi::{HandleApi, Sink, Text};
use crate::error::{Error, Kind};

/// The arguments of the call that is going on, by name.
///
/// A callout takes `arguments: &mut Arguments<'_>` instead of typed arguments, never beside them.
///
/// ```
/// # hooks::declare_hooks! { pub hook frame_received(length: &mut u32, from: u8) -> [Continue, Drop]; }
/// # struct State;
/// # impl hooks::Plugin for State {
/// #     type Parameters = hooks::NoParameters;
/// #     fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> { Ok(State) }
/// # }
/// #[hooks::callout(frame_received)]
/// fn double(arguments: &mut hooks::Arguments<'_>) -> Result<(), hooks::Error> {
///     let from = *arguments.get::<u8>("from")?;
///     *arguments.get_mut::<u32>("length")? *= u32::from(from);
///     Ok(())
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
#[repr(C)]
pub struct Arguments<'a> {
    /// The call's own, so that what else the handle is used for makes no difference.
    lent: *const c_void,
    api: &'static HandleApi,
    /// The call lends its arguments for `'a`; a raw pointer keeps them on its thread.
    call: PhantomData<&'a mut ()>,
}

impl<'a> Arguments<'a> {
    /// What `lent` lends, through the functions of the host that made it.
    pub(crate) fn new(lent: *const c_void, api: &'static HandleApi) -> Arguments<'a> {
        Arguments { lent, api, call: PhantomData }
    }

    /// The argument `name`, to read.
    ///
    /// # Errors
    ///
    /// If the hook point has no such argument, or if its type is not exactly `T`.
    pub fn get<T: HookType>(&self, name: &str) -> Result<&T, Error> {
        let value = self.find::<T>(name, false)?;
        // SAFETY: the host compared the type's layout with the argument's; the value lives as long as the call, and nobody
        // writes it while `self` is borrowed: typed arguments cannot be taken beside `Arguments`, and `get_mut` needs `&mut`.
        Ok(unsafe { &*value.cast::<T>() })
    }

    /// The argument `name`, to change; only for arguments that the hook point lends as `&mut`.
    ///
    /// # Errors
    ///
    /// If the hook point has no such argument, if its type is not exactly `T`, or if it is lent read-only.
    pub fn get_mut<T: HookType>(&mut self, name: &str) -> Result<&mut T, Error> {
        let value = self.find::<T>(name, true)?;
        // SAFETY: as in `get`; the component lends it as `&mut`, and `self` is borrowed mutably for as long as the result.
        Ok(unsafe { &mut *value.cast::<T>() })
    }

    /// The names of the arguments, in the order of the declaration.
    pub fn names(&self) -> Vec<String> {
        let mut names = String::new();
        // SAFETY: the call lends `self`.
        unsafe { (self.api.argument_names)(self.lent, &mut Sink::new(&mut names)) };
        names.lines().map(str::to_owned).collect()
    }

    fn find<T: HookType>(&self, name: &str, mutable: bool) -> Result<*mut c_void, Error> {
        let hash = const { T::LAYOUT.hash() };
        let hash = [hash as u64, (hash >> 64) as u64];
        let mut error = String::new();
        let mut sink = Sink::new(&mut error);
        // SAFETY: the call lends `self`; the name and the sink are lent for this call.
        let found = unsafe { (self.api.argument)(self.lent, Text::new(name), &hash, mutable, &mut sink) };
        if found.value.is_null() {
            let asked = T::LAYOUT.name;
            return Err(Error::new(Kind::Argument, format!("argument `{name}`, asked for as `{asked}`: {error}")));
        }
        Ok(found.value)
    }
}
