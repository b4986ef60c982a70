#![doc = include_str!("../README.md")]

// Macros name this crate by `::hooks`, also in its own documentation and tests.
extern crate self as hooks;

mod manager;
mod membarrier;
mod handle;
mod status;
mod arguments;
mod observe;
mod park;
mod failure;
mod plugin;
mod hand_over;
mod error;
mod point;
mod callout;
mod callout_info;
mod library_handle;
mod hook_index;
mod hook_point_info;
mod values;
mod context;
mod context_key;
mod command;
mod json;
mod typed;
mod slices;
mod host;
mod generation;
mod chains;
mod registrations;
mod snapshot;
mod instance;
mod transaction;
mod timer;
mod timing;
mod quiesce;
mod registry;
mod library;
mod abi;
mod c;
pub mod inspect;
mod macros;
mod sync;
#[cfg(all(test, loom))]
mod idle_model;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use abi::layout::HookType;
pub use arguments::Arguments;
pub use c::c_header;
pub use callout::Callout;
pub use callout_info::CalloutInfo;
pub use command::{Command, Response, command_callout, command_to_hook_name, hook_to_command_name};
pub use context::{context_create, context_destroy};
pub use context_key::ContextKey;
pub use error::{BoxError, Error};
pub use failure::{
    CalloutState, CalloutStatistics, Disable, FailureAction, FailurePolicy, HookPointFailurePolicy, LastFailure,
};
pub use hand_over::HandOver;
pub use handle::CalloutHandle;
pub use hook_index::HookIndex;
pub use hook_point_info::{ArgumentInfo, ArgumentMode, HookPointInfo};
pub use inspect::inspect;
pub use library::{ImageInfo, ImageState, LibraryConfig, LibraryPolicy, Source, images, parse_sha256};
pub use library_handle::LibraryHandle;
pub use manager::{GenerationInfo, Generations, Hooks, LibraryInfo, Prepared};
pub use observe::{Call, CalloutResult, Observer};
pub use park::{Outcome, Parked, ParkingLot, ParkingLotHandle, ParkingOptions, Ticket};
pub use plugin::{NoParameters, Plugin};
pub use status::{NextStep, Step};
pub use timing::CalloutTimes;
pub use values::ScopedCalloutHandleState;

pub use hooks_macros::{HookType, callout, declare_hooks, hook_point, plugin};
