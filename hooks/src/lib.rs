#![doc = include_str!("../README.md")]

// Macros name this crate by `::hooks`, also in its own documentation and tests.
extern crate self as hooks;

mod manager;
mod handle;
mod status;
mod arguments;
mod observe;
mod park;
mod plugin;
mod error;
mod point;
mod callout;
mod typed;
mod slices;
mod host;
mod generation;
mod instance;
mod transaction;
mod quiesce;
mod registry;
mod library;
mod abi;
mod macros;
mod sync;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use abi::layout::HookType;
pub use arguments::Arguments;
pub use callout::CalloutInfo;
pub use error::{BoxError, Error};
pub use handle::CalloutHandle;
pub use library::{LibraryConfig, Source};
pub use manager::{Hooks, LibraryInfo};
pub use observe::{Call, CalloutResult, Observer};
pub use park::{Outcome, Parked, ParkingLot, ParkingLotHandle, ParkingOptions, Ticket};
pub use plugin::{LibraryHandle, NoParameters, Plugin};
pub use status::{NextStep, Step};

pub use hooks_macros::{HookType, callout, declare_hooks, hook_point, plugin};
