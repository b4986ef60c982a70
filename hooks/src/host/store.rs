//! The values that a handle stores: extra arguments, which all callouts share, and a context for each library.
#![expect(unsafe_code, reason = "keeps values of other binaries as pointers with their drop functions")]

use std::ffi::c_void;
use std::ptr;

use crate::abi::Sink;
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
    name: String,
    short_name: ShortName,
    /// The context key with this name that was asked for last, or null.
    pub(super) key: *const c_void,
    pub(super) hash: [u64; 2],
    pub(super) type_name: String,
    pub(super) pointer: *mut c_void,
    pub(super) drop: unsafe extern "C" fn(*mut c_void),
}

impl Named {
    /// # Safety
    ///
    /// `drop` must be for `pointer`, which is given up here.
    pub(super) unsafe fn new(
        name: String,
        hash: [u64; 2],
        type_name: String,
        pointer: *mut c_void,
        drop: unsafe extern "C" fn(*mut c_void),
    ) -> Named {
        let short_name = ShortName::new(name.as_bytes()).unwrap_or(ShortName::NONE);
        Named { name, short_name, key: ptr::null(), hash, type_name, pointer, drop }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        // SAFETY: the pointer came with this function, and is given up here.
        unsafe { (self.drop)(self.pointer) };
    }
}

/// A name of four to eight bytes, as most are, which is compared without a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ShortName {
    length: usize,
    /// The first four bytes and the last four, which overlap or follow them.
    ends: u64,
}

impl ShortName {
    /// What no name has, and longer or shorter ones are kept with.
    const NONE: ShortName = ShortName { length: 0, ends: 0 };

    #[inline(always)]
    pub(super) fn new(name: &[u8]) -> Option<ShortName> {
        let (first, last) = (u32::from_ne_bytes(*name.first_chunk()?), u32::from_ne_bytes(*name.last_chunk()?));
        let ends = u64::from(first) | u64::from(last) << 32;
        (name.len() <= 8).then_some(ShortName { length: name.len(), ends })
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

    #[inline(always)]
    pub(super) fn find_short(&self, name: ShortName) -> Option<&Named> {
        self.0.iter().find(|value| value.short_name == name)
    }

    /// The value that was asked for by `key` last, or otherwise has these bytes as its name, with which the key always comes.
    pub(super) fn find_by_key(&mut self, key: *const c_void, name: &[u8]) -> Option<&Named> {
        let value = self.0.iter_mut().find(|value| value.key == key || value.name.as_bytes() == name)?;
        value.key = key;
        Some(value)
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
    /// Drops the arguments, then the contexts.
    pub(super) fn clear(&mut self) {
        drop(std::mem::take(&mut self.arguments));
        drop(std::mem::take(&mut self.contexts));
    }

    #[inline(always)]
    pub(super) fn arguments(&self) -> &Values {
        &self.arguments
    }

    pub(super) fn arguments_mut(&mut self) -> &mut Values {
        &mut self.arguments
    }

    pub(super) fn context(&self, owner: *const Registrations) -> Option<&Values> {
        self.contexts.iter().find(|(other, _)| *other == owner).map(|(_, values)| values)
    }

    pub(super) fn find_context_mut(&mut self, owner: *const Registrations) -> Option<&mut Values> {
        self.contexts.iter_mut().find(|(other, _)| *other == owner).map(|(_, values)| values)
    }

    /// Made if it is missing.
    pub(super) fn context_mut(&mut self, owner: *const Registrations) -> &mut Values {
        let place = self.contexts.iter().position(|(other, _)| *other == owner).unwrap_or_else(|| {
            self.contexts.push((owner, Values::default()));
            self.contexts.len() - 1
        });
        &mut self.contexts[place].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_compared_whole() {
        let names =
            ["", "abc", "abcd", "abcde", "abcdefg", "abcdefgh", "abcdXfgh", "abcdefgX", "Xbcdefgh", "abcdefghi"];
        for one in names {
            let short = ShortName::new(one.as_bytes());
            assert_eq!(short.is_some(), (4..=8).contains(&one.len()), "{one}");
            assert_ne!(short, Some(ShortName::NONE), "{one}");
            for other in names {
                let others = ShortName::new(other.as_bytes());
                assert!(short.is_none() || (short == others) == (one == other), "{one} {other}");
            }
        }
    }
}
