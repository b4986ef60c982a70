//! The plugin root: the trait, what `#[hooks::plugin]` registers, and the functions through which a host works on a plugin.
#![expect(unsafe_code, reason = "a plugin's state crosses the boundary as a pointer")]

use std::any::TypeId;
use std::ffi::c_void;
use std::ptr;

use serde::de::DeserializeOwned;

use crate::abi::callout::CalloutEntry;
use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::record::PluginRecord;
use crate::abi::{HandOverApi, LibraryApi, PluginApi, Sink, Text};
use crate::error::BoxError;
use crate::json;
use crate::library_handle::LibraryHandle;
use crate::slices::HOOKS_6_CALLOUTS;

/// The root of a plugin: made once when its library is loaded, lent to each of its callouts as `this`, dropped when the last
/// request that could use it is gone.
///
/// There is one in a plugin's crate, with the attribute [`#[hooks::plugin]`](macro@crate::plugin) on this `impl`.
///
/// ```standalone_crate
/// use std::collections::HashSet;
///
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Parameters {
///     deny: Vec<String>,
/// }
///
/// struct DenyList {
///     deny: HashSet<String>,
/// }
///
/// #[hooks::plugin]
/// impl hooks::Plugin for DenyList {
///     type Parameters = Parameters;
///
///     fn load(parameters: Parameters, library: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
///         if parameters.deny.is_empty() {
///             return Err(format!("{}: `deny` is empty; list whom to deny, or leave the library out", library.name()).into());
///         }
///         Ok(DenyList { deny: parameters.deny.into_iter().collect() })
///     }
/// }
/// # hooks::declare_hooks! { pub hook client_seen(name: &String) -> [Continue, Drop]; }
///
/// #[hooks::callout(client_seen)]
/// fn deny(this: &DenyList, name: &String) -> client_seen::NextStep {
///     if this.deny.contains(name) { client_seen::NextStep::Drop } else { client_seen::NextStep::Continue }
/// }
///
/// # fn main() {
/// let hooks = hooks::Hooks::new();
/// # let plugin = || hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// let error = hooks.load_libraries(vec![hooks::LibraryConfig::new(plugin())]).unwrap_err();
/// assert!(error.is_load());
/// assert!(error.to_string().ends_with("`parameters`: missing field `deny`"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the plugin root, so it cannot be a callout's `this`",
    label = "not a plugin root",
    note = "`this` is `&T` where `T` is the type with `#[hooks::plugin] impl hooks::Plugin for T`"
)]
pub trait Plugin: Sized + Send + Sync + 'static {
    /// What the configuration gives as `parameters`; [`NoParameters`] if there are none.
    ///
    /// Where the configuration has no `parameters`, an empty map is deserialized.
    type Parameters: DeserializeOwned;

    /// Makes the plugin ready, or says why not; the reference's `load`.
    ///
    /// # Errors
    ///
    /// Whatever keeps the plugin from working: the whole set of libraries is then not loaded.
    fn load(parameters: Self::Parameters, library: &mut LibraryHandle) -> Result<Self, BoxError>;

    /// The plugin is about to go; the reference's `unload`. Called once; calls in flight may still be inside.
    ///
    /// Threads that the plugin started end here. Tickets that are open afterwards, or are taken then for requests that began
    /// before, are resolved, see [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload).
    ///
    /// # Errors
    ///
    /// What went wrong; it is logged, and the plugin goes all the same.
    fn unload(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// The parameters of a plugin that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl PluginApi {
    /// The functions of the plugin `P`.
    pub(crate) const fn of<P: Plugin>() -> PluginApi {
        PluginApi { load: load::<P>, unload: unload::<P>, drop: drop_state::<P>, hand_over: HandOverApi::NONE }
    }
}

unsafe extern "C" fn load<P: Plugin>(
    parameters: Text,
    library: *const Counted,
    api: &'static LibraryApi,
    error: &mut Sink,
) -> *const c_void {
    // SAFETY: the host gives the count away, with the functions that belong to it.
    let mut library = unsafe { LibraryHandle::from_raw(ptr::read(library), api) };
    // SAFETY: the host lends the text for this call.
    let parameters = unsafe { parameters.get() };
    let loaded =
        guard(|| P::load(read(&parameters, "parameters")?, &mut library).map_err(|error| with_sources(&*error)));
    made(loaded, "load", error)
}

/// What the text says; a mistake is named by its path.
pub(crate) fn read<T: DeserializeOwned>(text: &str, root: &str) -> Result<T, String> {
    json::read(text, root).map_err(|(place, error)| format!("`{place}`: {}", without_position(&error)))
}

/// The pointer to a plugin that `function` has made, or null and a text if it failed or panicked.
pub(crate) fn made<P>(result: Result<Result<P, String>, String>, function: &str, error: &mut Sink) -> *const c_void {
    match result {
        Ok(Ok(plugin)) => Box::into_raw(Box::new(plugin)).cast_const().cast(),
        Ok(Err(text)) => {
            error.write(&text);
            ptr::null()
        }
        Err(message) => {
            error.write(&format!("`{function}` panicked: {message}"));
            ptr::null()
        }
    }
}

/// The text was rewritten on its way, so a line and a column would mislead; the path says where.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The error with all that it came from.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

unsafe extern "C" fn unload<P: Plugin>(state: *const c_void, error: &mut Sink) -> bool {
    // SAFETY: the host gives back what `load::<P>` returned, and has not dropped it yet.
    let plugin = unsafe { &*state.cast::<P>() };
    match guard(|| plugin.unload().map_err(|error| with_sources(&*error))) {
        Ok(Ok(())) => return true,
        Ok(Err(text)) => error.write(&text),
        Err(message) => error.write(&format!("`unload` panicked: {message}")),
    }
    false
}

unsafe extern "C" fn drop_state<P: Plugin>(state: *const c_void, error: &mut Sink) -> bool {
    // SAFETY: the host gives back what `load::<P>` returned, once, when nobody uses it any more.
    let plugin = unsafe { Box::from_raw(state.cast_mut().cast::<P>()) };
    match guard(|| drop(plugin)) {
        Ok(()) => true,
        Err(message) => {
            error.write(&format!("the plugin panicked while it was dropped: {message}"));
            false
        }
    }
}

/// Takes the plugin's state.
///
/// # Safety
///
/// `state` must be what `load` of the plugin `P` returned, alive for `'call`.
#[inline(always)]
pub unsafe fn take_state<'call, P: Plugin>(state: *const c_void) -> &'call P {
    // SAFETY: the caller's promise.
    unsafe { &*state.cast::<P>() }
}

/// A plugin root that is linked into this binary. Made by [`#[hooks::plugin]`](macro@crate::plugin).
#[derive(Debug)]
pub struct PluginEntry {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) crate_name: &'static str,
    pub(crate) multi_threading_compatible: bool,
    /// The type of the root.
    pub(crate) root: fn() -> TypeId,
    pub(crate) api: PluginApi,
}

impl PluginEntry {
    /// The root `P` with the names that its record gives it.
    pub const fn of<P: Plugin>(record: PluginRecord) -> PluginEntry {
        let PluginRecord { name, version, crate_name, multi_threading_compatible } = record;
        let (root, api) = (TypeId::of::<P>, PluginApi::of::<P>());
        PluginEntry { name, version, crate_name, multi_threading_compatible, root, api }
    }

    /// The same for a root that hands its state over as `functions` do.
    #[must_use]
    pub const fn handing_over(mut self, functions: HandOverApi) -> PluginEntry {
        self.api.hand_over = functions;
        self
    }
}

inventory::collect!(PluginEntry);

/// All plugin roots that are linked into this binary.
pub(crate) fn entries() -> impl Iterator<Item = &'static PluginEntry> {
    inventory::iter::<PluginEntry>.into_iter()
}

/// The plugin root that `matches`, if there is exactly one.
pub(crate) fn entry(
    what: &str,
    matches: impl Fn(&PluginEntry) -> bool,
) -> Result<Option<&'static PluginEntry>, String> {
    let found: Vec<_> = entries().filter(|entry| matches(entry)).collect();
    match found[..] {
        [] => Ok(None),
        [entry] => Ok(Some(entry)),
        _ => Err(format!("{} plugin roots are linked for {what}; a crate has one `#[hooks::plugin]`", found.len())),
    }
}

/// Whether the component can register this callout itself: it waits to be registered, and takes no state.
fn is_for_the_component(callout: &CalloutEntry) -> Result<bool, String> {
    let records = crate::abi::decode::records(callout.record())?;
    Ok(callout.state.is_none() && records.callouts.iter().all(|record| record.manual))
}

/// The callouts that belong to the root `owner`: those whose `this` is its type, and those without `this` in its crate.
///
/// # Errors
///
/// If a callout of this binary belongs to no plugin at all: it would be lost without a word.
pub(crate) fn callouts_of(owner: &PluginEntry) -> Result<Vec<&'static CalloutEntry>, String> {
    let mut callouts = Vec::new();
    for callout in HOOKS_6_CALLOUTS {
        let belongs = |entry: &PluginEntry| match callout.state {
            Some(state) => state() == (entry.root)(),
            None => callout.crate_name() == entry.crate_name,
        };
        if belongs(owner) {
            callouts.push(callout);
        } else if !entries().any(belongs) && !is_for_the_component(callout)? {
            let name = crate::abi::decode::records(callout.record())?.callouts.pop().map(|record| record.name);
            return Err(format!(
                "the callout `{}` in the crate `{}` belongs to no plugin: the crate has no `#[hooks::plugin]`; give the \
                 callout `this: &Root` with the root of the plugin that it belongs to",
                name.unwrap_or_default(),
                callout.crate_name()
            ));
        }
    }
    Ok(callouts)
}
