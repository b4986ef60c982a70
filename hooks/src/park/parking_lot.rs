//! What the component has of a parking lot.

use std::fmt;
use std::sync::Arc;

use super::Parkings;
use crate::error::{Error, Kind};
use crate::handle::CalloutHandle;
use crate::host;
use crate::manager::Hooks;
use crate::registry;
use crate::status::{NextStep, Statuses};

/// The parking lot of a hook point: requests parked by keys, with references that callouts count by hand, as in the reference.
///
/// For plugins and components that agree on keys; [`CalloutHandle::park`] needs none, and works beside it. The component parks
/// the request *before* it calls the hook point, and takes it out again if the answer is not PARK. Callouts use
/// [`CalloutHandle::parking_lot`]. During the call the request is held by the call itself: it goes on after the last callout at
/// the earliest, so that it can be referenced by each of them.
///
/// When libraries are loaded or unloaded, the lots are cleared: parked requests end with
/// [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload). A reload that keeps all libraries clears nothing.
///
/// ```standalone_crate
/// use std::sync::mpsc;
///
/// hooks::declare_hooks! { pub hook leases_committed(query: &String) -> [Continue, Drop, Park]; }
///
/// struct Partner;
///
/// #[hooks::plugin]
/// impl hooks::Plugin for Partner {
///     type Parameters = hooks::NoParameters;
///
///     fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
///         Ok(Partner)
///     }
/// }
///
/// /// Sends the leases to the partner server, and has the answer wait until it has them.
/// #[hooks::callout(leases_committed)]
/// fn send(handle: &mut hooks::CalloutHandle, query: &String) -> Result<leases_committed::NextStep, hooks::Error> {
///     let (lot, key) = (handle.parking_lot()?, query.clone());
///     lot.reference(&key)?;
///     std::thread::spawn(move || lot.unpark(&key));
///     Ok(leases_committed::NextStep::Park)
/// }
///
/// # fn main() -> Result<(), hooks::Error> {
/// let hooks = hooks::Hooks::new();
/// # let plugin = hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// hooks.load_libraries(vec![hooks::LibraryConfig::new(plugin)])?;
/// let lot = hooks.parking_lot("leases_committed")?;
/// let (mut handle, query) = (hooks.handle(), "query 1".to_owned());
/// lot.park(&mut handle, &query)?;
/// match leases_committed::call(&mut handle, || leases_committed::Args { query: &query }) {
///     leases_committed::Step::Parked(parked) => {
///         let (sender, receiver) = mpsc::channel();
///         parked.resume_with(query, move |query, outcome| sender.send((query, outcome)).unwrap());
///         assert_eq!(receiver.recv().unwrap(), ("query 1".to_owned(), hooks::Outcome::Resumed));
///     }
///     _ => {
///         lot.drop_parked(&query);
///     }
/// }
/// # assert!(lot.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ParkingLot {
    parkings: Arc<Parkings>,
    hook: Arc<str>,
}

impl Hooks {
    /// The parking lot of the hook point `hook`; there is one, whoever asks for it.
    ///
    /// # Errors
    ///
    /// If there is no such hook point, or if it does not honour PARK.
    pub fn parking_lot(&self, hook: &str) -> Result<ParkingLot, Error> {
        let registry = registry::lock();
        let Some((_, point)) = registry.find(hook) else {
            let names = registry.names().join(", ");
            let text = format!("there is no hook point `{hook}`; those of this process are: {names}");
            return Err(Error::new(Kind::HookPoint, text));
        };
        let honoured = Statuses::from_bits(point.statuses);
        if !honoured.contains(NextStep::Park) {
            let text = format!("the hook point `{hook}` has no parking lot: it honours only {honoured}");
            return Err(Error::new(Kind::Park, text));
        }
        Ok(ParkingLot { parkings: Arc::clone(self.parkings()), hook: hook.into() })
    }
}

impl ParkingLot {
    /// The hook point's name.
    pub fn hook(&self) -> &str {
        &self.hook
    }

    /// Parks the next call of the hook point through `handle` under `key`: if it answers PARK, it waits until it is unparked.
    ///
    /// No callout has to take a ticket. Whether the limit of parked requests is reached is found out by the callouts that refer
    /// to it, or when the call answers PARK without: a call that is not parked takes nobody's place.
    ///
    /// # Errors
    ///
    /// If a request is parked under `key` already, if the next call through `handle` is, or if `handle` belongs to another
    /// `Hooks`.
    pub fn park(&self, handle: &mut CalloutHandle<'_>, key: &str) -> Result<(), Error> {
        let make = || loop {
            // Another one takes the place of a lot that is cleared meanwhile.
            if let Some(hold) = self.parkings.lot(&self.hook).park(&self.parkings, key)? {
                return Ok(hold);
            }
        };
        host::prepare(handle, &self.parkings, make).map_err(|text| Error::new(Kind::Park, text))
    }

    /// One more reference, in the component's own name; their number comes back.
    ///
    /// # Errors
    ///
    /// As for [`ParkingLotHandle::reference`](crate::ParkingLotHandle::reference).
    pub fn reference(&self, key: &str) -> Result<usize, Error> {
        self.parkings.lot(&self.hook).reference(key).map_err(|text| Error::new(Kind::Park, text))
    }

    /// One reference less, without any consequence; their number comes back.
    ///
    /// # Errors
    ///
    /// As for [`ParkingLotHandle::dereference`](crate::ParkingLotHandle::dereference).
    pub fn dereference(&self, key: &str) -> Result<usize, Error> {
        self.parkings.lot(&self.hook).dereference(key).map_err(|text| Error::new(Kind::Park, text))
    }

    /// One reference less, or none left if `force`; with the last one the request goes on, on this thread. False if nothing is
    /// parked under `key`.
    pub fn unpark(&self, key: &str, force: bool) -> bool {
        self.parkings.lot(&self.hook).unpark(key, force)
    }

    /// Takes a request out, whoever refers to it. False if nothing is parked under `key`.
    ///
    /// If it has been given to [`Parked::resume_with`](crate::Parked::resume_with), it comes back as dropped.
    pub fn drop_parked(&self, key: &str) -> bool {
        self.parkings.lot(&self.hook).drop_parked(key)
    }

    /// Takes all requests out; they end with [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload).
    ///
    /// Handles that callouts have kept find nothing any more.
    pub fn clear(&self) {
        self.parkings.clear_lot(&self.hook);
    }

    /// How many requests are parked here, with those whose call is still to come or going on.
    pub fn len(&self) -> usize {
        self.parkings.lot(&self.hook).len()
    }

    /// Whether nothing is parked here.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for ParkingLot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParkingLot").field("hook", &self.hook).field("parked", &self.len()).finish()
    }
}
