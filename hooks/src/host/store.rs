//! The values that a handle stores: extra arguments, which all callouts share, and a context for each library.
#![expect(unsafe_code, reason = "keeps values of other binaries as pointers with their drop functions")]

use std::ffi::c_void;

use crate::abi::{Sink, Space};
use crate::registrations::Registrations;

/// The values of one handle.
#[derive(Debug, Default)]
pub(super) struct Store {
    arguments: Values,
    /// By owner: a library's registrations, the component's, or null outside of callouts.
    contexts: Vec<(*const Registrations, Values)>,
}

#[derive(Debug, Default)]
pub(super) struct Values(pub(super) Vec<Named>);

/// A value with its name. The function that drops it is of the binary that stored it first, whose generation the handle pins; one
/// that is set in its place later drops what it replaces itself.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) hash: [u64; 2],
    pub(super) type_name: String,
    pub(super) pointer: *mut c_void,
    pub(super) drop: unsafe extern "C" fn(*mut c_void),
}

impl Drop for Named {
    fn drop(&mut self) {
        // SAFETY: the pointer came with this function, and is given up here.
        unsafe { (self.drop)(self.pointer) };
    }
}

impl Values {
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|value| value.name == name)
    }

    /// The value whose name has these bytes.
    pub(super) fn find(&self, name: &[u8]) -> Option<&Named> {
        self.0.iter().find(|value| value.name.as_bytes() == name)
    }

    pub(super) fn set(&mut self, value: Named) -> Option<Named> {
        match self.position(&value.name) {
            Some(place) => Some(std::mem::replace(&mut self.0[place], value)),
            None => {
                self.0.push(value);
                None
            }
        }
    }

    pub(super) fn names(&self, names: &mut Sink) {
        for value in &self.0 {
            names.write(&value.name);
            names.write("\0");
        }
    }
}

impl Store {
    /// Whether nothing is stored.
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.arguments.0.is_empty() & self.contexts.is_empty()
    }

    /// Drops the arguments, then the contexts.
    pub(super) fn clear(&mut self) {
        drop(std::mem::take(&mut self.arguments));
        drop(std::mem::take(&mut self.contexts));
    }

    pub(super) fn space(&mut self, space: Space, owner: *const Registrations) -> Option<&mut Values> {
        if space == Space::ARGUMENTS {
            return Some(&mut self.arguments);
        }
        self.contexts.iter_mut().find(|(other, _)| *other == owner).map(|(_, values)| values)
    }

    pub(super) fn space_or_new(&mut self, space: Space, owner: *const Registrations) -> &mut Values {
        if space == Space::ARGUMENTS {
            return &mut self.arguments;
        }
        let place = self.contexts.iter().position(|(other, _)| *other == owner).unwrap_or_else(|| {
            self.contexts.push((owner, Values::default()));
            self.contexts.len() - 1
        });
        &mut self.contexts[place].1
    }
}
