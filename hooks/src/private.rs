//! Everything that generated code names, and nothing else. Not part of the public interface.

pub use std::any::TypeId;
pub use std::concat;
pub use std::ffi::c_void;
pub use std::fmt;
pub use std::marker::{Send, Sync};
pub use std::mem::offset_of;
pub use std::ops::{Fn, FnOnce};
pub use std::option::Option;
pub use std::result::Result;
pub use std::string::String;
pub use std::{env, file, line, module_path, stringify};

pub use inventory;
pub use linkme;

pub use crate::abi::access::Variants;
pub use crate::abi::callout::CalloutEntry;
pub use crate::abi::heap::ForwardingAllocator;
pub use crate::abi::layout::{Field, HookType, Parts, TypeLayout, Variant};
pub use crate::abi::point::{DeclaredPoint, HookPoint};
pub use crate::abi::record::{ArgumentRecord, CalloutRecord, LibraryRecord, Mode, PluginRecord, PointRecord};
pub use crate::abi::{Head, HostApi, LibraryTable};
pub use crate::arguments::Arguments;
pub use crate::callout::Callout;
pub use crate::command::command_callout;
pub use crate::hand_over::{HandsNothingOver, HandsOver};
pub use crate::handle::CalloutHandle;
pub use crate::library::entry::{LibraryLine, bind};
pub use crate::park::Parked;
pub use crate::plugin::{Plugin, PluginEntry, take_state};
pub use crate::slices::{HOOKS_6_CALLOUTS as CALLOUTS, HOOKS_6_POINTS as POINTS};
pub use crate::status::{NextStep, Step};
pub use crate::typed::*;
