//! A generation: one complete set of libraries with the chains of callouts that follow from it.

use std::sync::{Arc, Weak};

use crate::chains::{Chains, Renew};
use crate::library::Library;
use crate::registrations::Registrations;

/// What a request sees from its first hook point to its last. The set of libraries never changes.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    // Dropped in this order: closures go before the states of the libraries that made them.
    pub(crate) chains: Arc<Chains>,
    /// The libraries in the order of the configuration.
    pub(crate) libraries: Vec<Arc<Library>>,
    /// The component's callouts before those of the libraries.
    pub(crate) pre: Arc<Registrations>,
    /// The component's callouts after those of the libraries.
    pub(crate) post: Arc<Registrations>,
}

impl Generation {
    /// The set of `libraries` between the component's own callouts.
    pub(crate) fn new(
        libraries: Vec<Arc<Library>>,
        pre: Arc<Registrations>,
        post: Arc<Registrations>,
        renew: Weak<dyn Renew>,
    ) -> Generation {
        let mut owners = vec![Arc::clone(&pre)];
        owners.extend(libraries.iter().map(|library| Arc::clone(library.registrations())));
        owners.push(Arc::clone(&post));
        Generation { chains: Chains::new(owners, renew), libraries, pre, post }
    }
}
