//! The library handle: through it a library, or the component, registers callouts at run time.
#![expect(unsafe_code, reason = "calls the functions of the host that made the handle")]

use std::ffi::c_void;
use std::fmt;
use std::panic::Location;

use crate::abi::counted::Counted;
use crate::abi::{LibraryApi, Registration, Sink, Text};
use crate::callout::Callout;
use crate::command::{command_to_hook_name, is_command};
use crate::error::{Error, Kind};
use crate::handle::CalloutHandle;
use crate::hook_index::HookIndex;
use crate::registry::COMMAND_CALLOUT;

/// Registers callouts for one library, or for the component before or after all libraries; the reference's `LibraryHandle`.
///
/// A plugin's `load` is lent one and may keep a clone; a callout gets that of its library from
/// [`CalloutHandle::library_handle`](crate::CalloutHandle::library_handle); the component gets its two from
/// [`Hooks::pre_callouts_library_handle`](crate::Hooks::pre_callouts_library_handle) and
/// [`Hooks::post_callouts_library_handle`](crate::Hooks::post_callouts_library_handle).
///
/// What changes is seen from the next call of the hook point on, by every request whose set of libraries has this library; a
/// call that is going on finishes with the callouts that it began with. It may be used on any thread, also in a callout, also on
/// the hook point that is being called. Each change keeps the chains before it until the requests are gone that were there
/// then; a program that changes callouts all the time should not keep requests for ever.
///
/// ```standalone_crate
/// hooks::declare_hooks! { pub hook client_seen(name: &String) -> [Continue, Drop]; }
///
/// struct Greeter;
///
/// #[hooks::plugin]
/// impl hooks::Plugin for Greeter {
///     type Parameters = hooks::NoParameters;
///
///     fn load(_: hooks::NoParameters, library: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
///         library.register_callout(&drop_strangers::callout())?;
///         Ok(Greeter)
///     }
/// }
///
/// #[hooks::callout(client_seen, manual)]
/// fn drop_strangers(name: &String) -> client_seen::NextStep {
///     if name == "stranger" { client_seen::NextStep::Drop } else { client_seen::NextStep::Continue }
/// }
///
/// # fn main() -> Result<(), hooks::Error> {
/// let hooks = hooks::Hooks::new();
/// # let plugin = || hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// hooks.load_libraries(vec![hooks::LibraryConfig::new(plugin())])?;
/// let name = "stranger".to_owned();
/// assert!(client_seen::call(&mut hooks.handle(), || client_seen::Args { name: &name }).is_drop());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct LibraryHandle {
    library: Counted,
    api: &'static LibraryApi,
    across_loads: bool,
}

impl LibraryHandle {
    /// # Safety
    ///
    /// `library` must count the registrations of the host to which `api` belongs.
    pub(crate) unsafe fn from_raw(library: Counted, api: &'static LibraryApi) -> LibraryHandle {
        LibraryHandle { library, api, across_loads: false }
    }

    fn pointer(&self) -> *const c_void {
        self.library.pointer()
    }

    /// The library's name: that of the plugin's package.
    pub fn name(&self) -> String {
        // SAFETY: the registrations are counted by `self`, and their name lives as long as they do.
        unsafe { (self.api.name)(self.pointer()).get() }.into_owned()
    }

    /// The same handle; what the component registers through it outlives the set of libraries that is loaded now.
    ///
    /// As in the reference, callouts of the component last until the next load or unload. What a library registers is its own:
    /// it lasts as long as the library, also when a reload keeps it, with or without this.
    /// The handle itself belongs to the set: to deregister such a callout after a load, ask for the component's handle again.
    #[must_use]
    pub fn across_loads(mut self) -> LibraryHandle {
        self.across_loads = true;
        self
    }

    /// Attaches `callout` behind what this library has attached to its hook point, from the next call on.
    ///
    /// The same callout may be registered several times, and is then called as often.
    ///
    /// # Errors
    ///
    /// If there is no such hook point, if the callout is a function of another library, or if the library is not loaded any
    /// more.
    pub fn register_callout(&self, callout: &Callout) -> Result<(), Error> {
        self.register(&[callout.registration(&callout.hook, self.across_loads)])
    }

    /// Attaches all of `callouts` in their order, as [`Self::register_callout`] does with each, or none of them.
    ///
    /// A call finds all of them or none. Each chain is made anew once, whereas a thousand callouts that are registered one by one
    /// take a thousand chains.
    ///
    /// ```
    /// hooks::declare_hooks! { pub hook frame_measured(length: u32) -> [Continue, Drop]; }
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let hooks = hooks::Hooks::new();
    /// let limits = [1500, 9000].map(|limit| {
    ///     frame_measured::callout(move |_, arguments: frame_measured::Args| match arguments.length {
    ///         length if length > limit => frame_measured::NextStep::Drop,
    ///         _ => frame_measured::NextStep::Continue,
    ///     })
    /// });
    /// hooks.pre_callouts_library_handle().register_callouts(&limits)?;
    /// assert!(frame_measured::call(&mut hooks.handle(), || frame_measured::Args { length: 2000 }).is_drop());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Self::register_callout`]; then nothing has been attached.
    pub fn register_callouts<'a>(&self, callouts: impl IntoIterator<Item = &'a Callout>) -> Result<(), Error> {
        let callouts = callouts.into_iter();
        let registrations: Vec<_> =
            callouts.map(|callout| callout.registration(&callout.hook, self.across_loads)).collect();
        self.register(&registrations)
    }

    /// Attaches `callout`, which handles commands, to the command `command`; the reference's `registerCommandCallout`.
    ///
    /// The hook point of the command is made if it is not there.
    ///
    /// # Errors
    ///
    /// As for [`Self::register_callout`], and if `callout` does not handle commands.
    pub fn register_command_callout(&self, command: &str, callout: &Callout) -> Result<(), Error> {
        let (hook, own) = (command_to_hook_name(command), callout.hook());
        // The host sees this of a typed callout; one that takes its arguments by name only says it.
        if !is_command(own) && own != COMMAND_CALLOUT {
            let text = format!("the callout belongs to the hook point `{own}`, not to `{hook}`");
            return Err(Error::new(Kind::HookPoint, text));
        }
        self.register(&[callout.registration(&hook, self.across_loads)])
    }

    fn register(&self, registrations: &[Registration]) -> Result<(), Error> {
        let mut error = String::new();
        let (first, count) = (registrations.as_ptr(), registrations.len());
        // SAFETY: the registrations are counted by `self`; what is registered is lent for this call.
        let done = unsafe { (self.api.register)(self.pointer(), first, count, &mut Sink::new(&mut error)) };
        if done { Ok(()) } else { Err(Error::new(Kind::HookPoint, error)) }
    }

    /// Takes `callout` off its hook point as often as this library has registered it; whether it had.
    ///
    /// Other libraries' registrations stay.
    pub fn deregister_callout(&self, callout: &Callout) -> bool {
        self.deregister(&callout.hook, callout)
    }

    /// Takes `callout` off the command `command`; whether it was there.
    pub fn deregister_command_callout(&self, command: &str, callout: &Callout) -> bool {
        self.deregister(&command_to_hook_name(command), callout)
    }

    fn deregister(&self, hook: &str, callout: &Callout) -> bool {
        // SAFETY: the registrations are counted by `self`; the identity is only compared.
        unsafe { (self.api.deregister)(self.pointer(), Text::new(hook), callout.identity()) }
    }

    /// Takes all callouts of this library off the hook point `hook`; whether there were any.
    ///
    /// # Errors
    ///
    /// If there is no such hook point.
    pub fn deregister_all_callouts(&self, hook: &str) -> Result<bool, Error> {
        let mut error = String::new();
        // SAFETY: the registrations are counted by `self`; the name is lent for this call.
        let found = unsafe { (self.api.deregister_all)(self.pointer(), Text::new(hook), &mut Sink::new(&mut error)) };
        if error.is_empty() { Ok(found) } else { Err(Error::new(Kind::HookPoint, error)) }
    }

    /// Registers a hook point that is known late; see [`Hooks::register_hook`](crate::Hooks::register_hook).
    ///
    /// # Errors
    ///
    /// If the name is reserved or taken by a hook point that is registered or declared elsewhere.
    #[track_caller]
    pub fn register_hook(&self, name: &str) -> Result<HookIndex, Error> {
        let (place, mut error) = (Location::caller(), String::new());
        let (name, file) = (Text::new(name), Text::new(place.file()));
        // SAFETY: the texts are lent for this call.
        let index = unsafe { (self.api.register_hook)(name, file, place.line(), &mut Sink::new(&mut error)) };
        if error.is_empty() { Ok(HookIndex(index)) } else { Err(Error::new(Kind::HookPoint, error)) }
    }
}

impl CalloutHandle<'_> {
    /// The library handle of the library whose callout is running; nothing outside of callouts.
    ///
    /// Through it a callout registers and deregisters callouts of its own library, also on the hook point that is being called:
    /// this counts from the next call on.
    pub fn library_handle(&mut self) -> Option<LibraryHandle> {
        // SAFETY: the head is this handle's.
        let library = unsafe { (self.api().library_handle)(self.head()).as_ref() }?;
        // SAFETY: the count belongs to the host that made the handle; the result has one of its own.
        Some(unsafe { LibraryHandle::from_raw(library.clone(), &(*self.head()).api.library) })
    }
}

impl fmt::Debug for LibraryHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibraryHandle").field("name", &self.name()).finish()
    }
}
