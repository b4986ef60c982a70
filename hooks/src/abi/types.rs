//! The standard library's types that may be arguments of hook points, or fields of one.
#![expect(
    unsafe_code,
    reason = "HookType is an unsafe trait: each line here promises that a layout is described completely"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::access::{Access, empty};
use super::layout::{HookType, Parts, TypeLayout};

macro_rules! primitive {
    ($($ty:ident)*) => {$(
        // SAFETY: the name of a primitive type fixes the meaning of its bytes on one target, and the target is compared.
        unsafe impl HookType for $ty {
            const LAYOUT: &'static TypeLayout = &TypeLayout::of::<$ty>(stringify!($ty), Parts::Primitive).with_empty(empty::<$ty>());
        }
    )*};
}

primitive!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);

macro_rules! standard {
    ($($ty:ident)*) => {$(
        // SAFETY: an opaque type is only accepted between binaries of the same compiler, hence of the same standard library.
        unsafe impl HookType for $ty {
            const LAYOUT: &'static TypeLayout = &TypeLayout::of::<$ty>(stringify!($ty), Parts::Opaque("std"));
        }
    )*};
}

standard!(PathBuf Duration SystemTime);

// Not by a macro: the compiler shows this line to whoever lends a `&str`.
// SAFETY: as for the other opaque types of the standard library.
unsafe impl HookType for String {
    const LAYOUT: &'static TypeLayout = &TypeLayout::of::<String>("String", Parts::Opaque("std"))
        .with_access(Access::text::<String>())
        .with_empty(empty::<String>());
}

macro_rules! textual {
    ($($ty:ident)*) => {$(
        // SAFETY: as for the other opaque types of the standard library.
        unsafe impl HookType for $ty {
            const LAYOUT: &'static TypeLayout =
                &TypeLayout::of::<$ty>(stringify!($ty), Parts::Opaque("std")).with_access(Access::text::<$ty>());
        }
    )*};
}

textual!(Ipv4Addr Ipv6Addr IpAddr SocketAddr SocketAddrV4 SocketAddrV6);

macro_rules! generic {
    ($($ty:ident<$($parameter:ident),*>)*) => {$(
        // SAFETY: the parameters are hook types themselves, and a generic type of the standard library is only accepted between
        // binaries of the same compiler, hence of the same standard library.
        unsafe impl<$($parameter: HookType),*> HookType for $ty<$($parameter),*> {
            const LAYOUT: &'static TypeLayout =
                &TypeLayout::of::<Self>(stringify!($ty), Parts::Generic(&[$($parameter::LAYOUT),*]));
        }
    )*};
}

// SAFETY: as for the other generic types.
unsafe impl<T: HookType> HookType for Vec<T> {
    const LAYOUT: &'static TypeLayout = &TypeLayout::of::<Self>("Vec", Parts::Generic(&[T::LAYOUT]))
        .with_access(if T::LAYOUT.has_stand_in() { Access::None } else { Access::list::<T>() })
        .with_empty(empty::<Vec<T>>());
}

// SAFETY: as for the other generic types.
unsafe impl<T: HookType> HookType for Option<T> {
    const LAYOUT: &'static TypeLayout = &TypeLayout::of::<Self>("Option", Parts::Generic(&[T::LAYOUT]))
        .with_access(if T::LAYOUT.has_stand_in() { Access::None } else { Access::optional::<T>() })
        .with_empty(empty::<Option<T>>());
}

generic!(Box<T> Arc<T> VecDeque<T> BTreeSet<T> HashSet<T> BTreeMap<K, V> HashMap<K, V> Result<T, E>);

macro_rules! tuple {
    ($(($($parameter:ident),*))*) => {$(
        // SAFETY: as for the generic types: the same compiler is demanded, and it lays out equal tuples equally.
        unsafe impl<$($parameter: HookType),*> HookType for ($($parameter,)*) {
            const LAYOUT: &'static TypeLayout =
                &TypeLayout::of::<Self>("tuple", Parts::Generic(&[$($parameter::LAYOUT),*]));
        }
    )*};
}

tuple!(()(A)(A, B)(A, B, C)(A, B, C, D));

// SAFETY: an array is its elements one after the other; the size says how many.
unsafe impl<T: HookType, const N: usize> HookType for [T; N] {
    const LAYOUT: &'static TypeLayout = &TypeLayout::of::<Self>("array", Parts::Array(T::LAYOUT));
}
