//! How a binary looks inside of values whose types it knows only by their layouts: functions that its own compiler made.
//!
//! They serve the arguments by path (`lease4.hostname`) that C libraries use. They stay in the binary in which they were made.
#![expect(unsafe_code, reason = "values are reached through pointers without a type")]

use std::ffi::c_void;
use std::fmt::Display;
use std::mem::MaybeUninit;
use std::str::FromStr;

/// Writes an empty value to a place that holds none.
///
/// # Safety
///
/// The place must fit the layout to which the function belongs.
pub(crate) type Empty = unsafe fn(*mut c_void);

/// The inside of a type. Each function takes a pointer to a value of the very type whose layout has it; those with `*mut` demand
/// that the value may be written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// Only what the layout says: fields at their offsets, elements one after the other.
    None,
    /// A value with a form as text: how it is written, and how another one is read.
    Text { get: unsafe fn(*const c_void) -> String, set: unsafe fn(*mut c_void, &str) -> Result<(), String> },
    /// A vector of the layout's parameter.
    List(List),
    /// A value of the layout's parameter, or nothing.
    Optional(Optional),
    /// An enum: the place of its variant among those of the layout.
    Variants(unsafe fn(*const c_void) -> usize),
}

/// The functions of a vector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    pub(crate) length: unsafe fn(*const c_void) -> usize,
    /// The first element, to read.
    pub(crate) elements: unsafe fn(*const c_void) -> *const c_void,
    /// The first element, to write.
    pub(crate) elements_mut: unsafe fn(*mut c_void) -> *mut c_void,
    pub(crate) clear: unsafe fn(*mut c_void),
}

/// The functions of an `Option`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Optional {
    /// The value inside, or null, to read.
    pub(crate) get: unsafe fn(*const c_void) -> *const c_void,
    /// The value inside, or null, to write.
    pub(crate) get_mut: unsafe fn(*mut c_void) -> *mut c_void,
    /// Puts the empty value that the function makes inside.
    pub(crate) insert: unsafe fn(*mut c_void, Empty) -> *mut c_void,
    pub(crate) clear: unsafe fn(*mut c_void),
}

/// An enum that says which of its variants it is. Made by `#[derive(HookType)]`.
pub trait Variants {
    /// The place of the variant in the order of the declaration.
    fn variant(&self) -> usize;
}

impl Access {
    /// That of an enum.
    pub(crate) const fn variants<T: Variants>() -> Access {
        unsafe fn variant<T: Variants>(value: *const c_void) -> usize {
            // SAFETY: the pointer is to a `T`.
            unsafe { (*value.cast::<T>()).variant() }
        }
        Access::Variants(variant::<T>)
    }

    /// That of a type which is written and read as text.
    pub(crate) const fn text<T: Display + FromStr<Err: Display>>() -> Access {
        unsafe fn get<T: Display>(value: *const c_void) -> String {
            // SAFETY: the pointer is to a `T`.
            unsafe { (*value.cast::<T>()).to_string() }
        }
        unsafe fn set<T: FromStr<Err: Display>>(value: *mut c_void, text: &str) -> Result<(), String> {
            let new: T = text.parse().map_err(|error: T::Err| error.to_string())?;
            // SAFETY: the pointer is to a `T` that may be written.
            unsafe { *value.cast::<T>() = new };
            Ok(())
        }
        Access::Text { get: get::<T>, set: set::<T> }
    }

    /// That of `Vec<T>`.
    pub(crate) const fn list<T>() -> Access {
        unsafe fn length<T>(list: *const c_void) -> usize {
            // SAFETY: the pointer is to a `Vec<T>`.
            unsafe { (&*list.cast::<Vec<T>>()).len() }
        }
        unsafe fn elements<T>(list: *const c_void) -> *const c_void {
            // SAFETY: the pointer is to a `Vec<T>`.
            unsafe { (&*list.cast::<Vec<T>>()).as_ptr().cast() }
        }
        unsafe fn elements_mut<T>(list: *mut c_void) -> *mut c_void {
            // SAFETY: the pointer is to a `Vec<T>` that may be written.
            unsafe { (&mut *list.cast::<Vec<T>>()).as_mut_ptr().cast() }
        }
        unsafe fn clear<T>(list: *mut c_void) {
            // SAFETY: the pointer is to a `Vec<T>` that may be written.
            unsafe { (&mut *list.cast::<Vec<T>>()).clear() };
        }
        let (elements, elements_mut) = (elements::<T>, elements_mut::<T>);
        Access::List(List { length: length::<T>, elements, elements_mut, clear: clear::<T> })
    }

    /// That of `Option<T>`.
    pub(crate) const fn optional<T>() -> Access {
        unsafe fn get<T>(option: *const c_void) -> *const c_void {
            // SAFETY: the pointer is to an `Option<T>`.
            unsafe { (*option.cast::<Option<T>>()).as_ref() }
                .map_or(std::ptr::null(), |value| (&raw const *value).cast())
        }
        unsafe fn get_mut<T>(option: *mut c_void) -> *mut c_void {
            // SAFETY: the pointer is to an `Option<T>` that may be written.
            unsafe { (*option.cast::<Option<T>>()).as_mut() }
                .map_or(std::ptr::null_mut(), |value| (&raw mut *value).cast())
        }
        unsafe fn insert<T>(option: *mut c_void, empty: Empty) -> *mut c_void {
            let mut value = MaybeUninit::<T>::uninit();
            // SAFETY: the function is that of the layout of `T`, and `value` has room for one.
            unsafe { empty(value.as_mut_ptr().cast()) };
            // SAFETY: it has just been written.
            let value = unsafe { value.assume_init() };
            // SAFETY: the pointer is to an `Option<T>` that may be written.
            (unsafe { (*option.cast::<Option<T>>()).insert(value) } as *mut T).cast()
        }
        unsafe fn clear<T>(option: *mut c_void) {
            // SAFETY: the pointer is to an `Option<T>` that may be written.
            unsafe { *option.cast::<Option<T>>() = None };
        }
        let (get, get_mut) = (get::<T>, get_mut::<T>);
        Access::Optional(Optional { get, get_mut, insert: insert::<T>, clear: clear::<T> })
    }
}

/// The function that writes the `Default` of `T`.
pub(crate) const fn empty<T: Default>() -> Empty {
    unsafe fn write<T: Default>(place: *mut c_void) {
        // SAFETY: the place fits a `T` and holds none.
        unsafe { place.cast::<T>().write(T::default()) };
    }
    write::<T>
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::layout::HookType;

    #[test]
    fn an_option_is_filled_through_its_layout() {
        let mut option: Option<Vec<u8>> = None;
        let layout = <Option<Vec<u8>>>::LAYOUT;
        let Access::Optional(access) = layout.access else { panic!("{:?}", layout.access) };
        let empty = <Vec<u8>>::LAYOUT.empty.unwrap();
        let place = (&raw mut option).cast::<c_void>();
        // SAFETY: the functions are those of the layout of the value's type.
        unsafe {
            assert!((access.get)(place).is_null());
            (*(access.insert)(place, empty).cast::<Vec<u8>>()).push(7);
            assert!(!(access.get_mut)(place).is_null());
        }
        assert_eq!(option, Some(vec![7]));
        // SAFETY: as above.
        unsafe { (access.clear)((&raw mut option).cast()) };
        assert_eq!(option, None);
    }

    #[test]
    fn a_text_that_does_not_fit_changes_nothing() {
        let mut address = std::net::Ipv4Addr::new(192, 0, 2, 1);
        let Access::Text { get, set } = std::net::Ipv4Addr::LAYOUT.access else { panic!("not a text") };
        let place = (&raw mut address).cast::<c_void>();
        // SAFETY: the functions are those of the layout of the value's type.
        unsafe {
            assert!(set(place, "nowhere").is_err());
            assert_eq!(get(place), "192.0.2.1");
            set(place, "192.0.2.2").unwrap();
        }
        assert_eq!(address.octets(), [192, 0, 2, 2]);
    }
}
