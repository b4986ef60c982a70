//! The component's own callouts, before and after those of the libraries.

use std::sync::Arc;

use super::Hooks;
use crate::abi::counted::Counted;
use crate::host;
use crate::library_handle::LibraryHandle;
use crate::registrations::{Registered, Registrations};

/// The component's callouts before those of the libraries.
pub(super) fn pre(list: Vec<Registered>) -> Arc<Registrations> {
    Registrations::of_component("pre-callouts", list)
}

/// The component's callouts after those of the libraries.
pub(super) fn post(list: Vec<Registered>) -> Arc<Registrations> {
    Registrations::of_component("post-callouts", list)
}

impl Hooks {
    /// Registers callouts of the component that run before those of all libraries.
    ///
    /// As in the reference they last until libraries are loaded or unloaded the next time, and so does the handle; those that are
    /// registered through [`LibraryHandle::across_loads`] stay.
    pub fn pre_callouts_library_handle(&self) -> LibraryHandle {
        let _control = self.lock();
        handle(&self.shared.instance.current().pre)
    }

    /// Whether the component has callouts that end with the set of libraries.
    pub(super) fn has_passing_callouts(&self) -> bool {
        let _control = self.lock();
        let current = self.shared.instance.current();
        current.pre.has_passing() || current.post.has_passing()
    }

    /// Registers callouts of the component that run after those of all libraries; otherwise as
    /// [`Hooks::pre_callouts_library_handle`].
    pub fn post_callouts_library_handle(&self) -> LibraryHandle {
        let _control = self.lock();
        handle(&self.shared.instance.current().post)
    }
}

fn handle(registrations: &Arc<Registrations>) -> LibraryHandle {
    #[expect(unsafe_code, reason = "a library handle is made of a counted pointer")]
    // SAFETY: it counts registrations of this host.
    unsafe {
        LibraryHandle::from_raw(Counted::new(Arc::clone(registrations)), &host::api().library)
    }
}
