//! Handing over the state of a plugin at a reload: the trait, and the functions through which a host has it done.
#![expect(unsafe_code, reason = "a plugin's state crosses the boundary as a pointer")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::{HandOverApi, LibraryApi, Sink, Text};
use crate::error::BoxError;
use crate::library_handle::LibraryHandle;
use crate::plugin::{Plugin, made, read, with_sources};

/// A plugin whose state outlives a reload: what one instance hands over the next one begins with.
///
/// To implement it for the plugin root is all there is to do; [`#[hooks::plugin]`](macro@crate::plugin) finds it.
///
/// # When
///
/// [`Hooks::reload`](crate::Hooks::reload) and [`Hooks::reload_if`](crate::Hooks::reload_if) keep a library whose bytes and
/// parameters did not change; then nothing is handed over. Where a plugin is replaced by one of the same name, because of another
/// build or of other parameters, and both implement this trait, the old instance is asked with [`HandOver::hand_over`] and the new
/// one is made by [`HandOver::take_over`] in place of [`Plugin::load`]. Of several instances of one name the first that goes hands
/// over to the first that comes, the second to the second. Where one of the two does not implement the trait, `load` makes the
/// new instance, and a line at DEBUG says so; plain C libraries hand nothing over. [`Hooks::load_libraries`](crate::Hooks::load_libraries)
/// unloads first and hands nothing over.
///
/// # What is lost
///
/// **The old instance goes on serving** while it hands over, until the new set is published, and afterwards for the requests that
/// began before. What it learns after `hand_over` has returned does not reach the new instance. State that must not lose anything
/// belongs to where both can reach it, such as a file or a database.
///
/// If the reload fails after all, or the component refuses the new set, the old instance continues as if nothing had happened:
/// `hand_over` therefore changes nothing, and may be called again at the next reload.
///
/// # How
///
/// The state crosses as JSON, because the types of two builds differ. `State` is what both builds agree upon: give fields that
/// came later `#[serde(default)]`, and leave out `deny_unknown_fields` where an older build is to take over from a newer one.
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use hooks::{BoxError, LibraryHandle, NoParameters};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default)]
/// struct Counter {
///     seen: AtomicU64,
/// }
///
/// #[hooks::plugin]
/// impl hooks::Plugin for Counter {
///     type Parameters = Parameters;
///
///     fn load(_: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
///         Ok(Counter::default())
///     }
/// }
///
/// #[derive(Serialize, Deserialize)]
/// struct Count {
///     seen: u64,
/// }
///
/// impl hooks::HandOver for Counter {
///     type State = Count;
///
///     fn hand_over(&self) -> Result<Count, BoxError> {
///         Ok(Count { seen: self.seen.load(Ordering::Relaxed) })
///     }
///
///     fn take_over(state: Count, _: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
///         Ok(Counter { seen: AtomicU64::new(state.seen) })
///     }
/// }
/// # #[derive(Deserialize)] struct Parameters { #[serde(default, rename = "round")] _round: u32 }
/// # hooks::declare_hooks! { pub hook frame_seen(total: &mut u64) -> [Continue, Drop]; }
///
/// #[hooks::callout(frame_seen)]
/// fn count(this: &Counter, total: &mut u64) {
///     *total = this.seen.fetch_add(1, Ordering::Relaxed) + 1;
/// }
///
/// # fn main() -> Result<(), hooks::Error> {
/// # let plugin = || hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// let (hooks, mut total) = (hooks::Hooks::new(), 0);
/// for round in 1..=3 {
///     let parameters = serde_json::json!({"round": round});
///     hooks.reload(vec![hooks::LibraryConfig::new(plugin()).parameters(parameters)])?;
///     let _ = frame_seen::call(&mut hooks.handle(), || frame_seen::Args { total: &mut total });
///     assert_eq!(total, round);
/// }
/// # Ok(())
/// # }
/// ```
pub trait HandOver: Plugin {
    /// What crosses, as JSON: it may lie in another build's types on the other side.
    type State: Serialize + DeserializeOwned;

    /// What the next instance is to begin with. Callouts of this one go on meanwhile, on other threads.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being handed over, also that `State` has no form in JSON, such as a map whose keys are no texts: the
    /// reload fails, and this instance goes on. So it is after a panic.
    fn hand_over(&self) -> Result<Self::State, BoxError>;

    /// Makes the plugin from what its predecessor has handed over, in place of [`Plugin::load`].
    ///
    /// # Errors
    ///
    /// Whatever keeps the plugin from working with this state and these parameters: the reload fails, and the old set goes on. So
    /// it is after a panic, and if the text does not deserialize into `State`.
    fn take_over(
        state: Self::State,
        parameters: Self::Parameters,
        library: &mut LibraryHandle,
    ) -> Result<Self, BoxError>;
}

/// Where generated code finds whether the root `P` hands over its state: its own constant is there only if `P` does, and hides
/// that of [`HandsNothingOver`].
#[derive(Debug)]
pub struct HandsOver<P>(PhantomData<P>);

impl<P: HandOver> HandsOver<P> {
    /// The functions of `P`.
    pub const FUNCTIONS: HandOverApi = HandOverApi { hand_over: Some(hand_over::<P>), take_over: Some(take_over::<P>) };
}

/// What [`HandsOver`] says of any type.
pub trait HandsNothingOver {
    /// None.
    const FUNCTIONS: HandOverApi = HandOverApi::NONE;
}

impl<P> HandsNothingOver for HandsOver<P> {}

unsafe extern "C" fn hand_over<P: HandOver>(state: *const c_void, json: &mut Sink, error: &mut Sink) -> bool {
    // SAFETY: the host lends what `load::<P>` or `take_over::<P>` returned, and has not dropped it yet.
    let plugin = unsafe { &*state.cast::<P>() };
    let handed = guard(|| {
        let state = plugin.hand_over().map_err(|error| with_sources(&*error))?;
        serde_json::to_string(&state).map_err(|error| format!("what it hands over has no form in JSON: {error}"))
    });
    match handed {
        Ok(Ok(text)) => {
            json.write(&text);
            return true;
        }
        Ok(Err(text)) => error.write(&text),
        Err(message) => error.write(&format!("`hand_over` panicked: {message}")),
    }
    false
}

unsafe extern "C" fn take_over<P: HandOver>(
    state: Text,
    parameters: Text,
    library: *const Counted,
    api: &'static LibraryApi,
    error: &mut Sink,
) -> *const c_void {
    // SAFETY: the host gives the count away, with the functions that belong to it.
    let mut library = unsafe { LibraryHandle::from_raw(ptr::read(library), api) };
    // SAFETY: the host lends the texts for this call.
    let (state, parameters) = unsafe { (state.get(), parameters.get()) };
    let taken = guard(|| {
        let (state, parameters) = (read(&state, "state")?, read(&parameters, "parameters")?);
        P::take_over(state, parameters, &mut library).map_err(|error| with_sources(&*error))
    });
    made(taken, "take_over", error)
}
