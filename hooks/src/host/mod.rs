//! What this binary is as a host: the functions behind handles, tickets and the log, and the calls themselves.

mod dispatch;
mod failure;
mod frame;
mod handle;
mod inner;
mod library;
mod local;
mod log;
mod park;
mod rare;
mod request;
mod special;
mod store;
mod values;

pub(crate) use dispatch::{call_all, call_none, call_plain};
pub(crate) use failure::take_last_failure;
pub(crate) use handle::decided_by;
pub(crate) use log::{level_enabled, log_line};
pub(crate) use park::prepare;

use crate::abi::heap::Heap;
use crate::abi::{HandleApi, Head, HostApi, PROTOCOL, ParkApi};
use crate::instance::Instance;

/// The functions that this binary offers as a host.
pub(crate) fn api() -> &'static HostApi {
    &API
}

/// Makes the inside of a handle that pins the current generation of `instance`.
pub(crate) fn new_handle(instance: &Instance) -> *mut Head {
    request::new_handle(instance)
}

static API: HostApi = HostApi {
    size: size_of::<HostApi>(),
    protocol: PROTOCOL,
    heap: Heap::OWN,
    log: log::API,
    handle: HandleApi {
        call: dispatch::call,
        settle: dispatch::settle,
        present: handle::present,
        failed: handle::failed,
        lent: handle::lent,
        argument: handle::argument,
        argument_names: handle::argument_names,
        status: handle::status,
        set_status: handle::set_status,
        override_failure: handle::override_failure,
        hook: handle::hook,
        library: handle::library,
        park: park::park,
        parking_lot: park::parking_lot,
        take_parked: park::take_parked,
        set_value: values::set_value,
        find: values::find,
        context: values::context,
        value: values::value,
        delete_value: values::delete_value,
        delete_values: values::delete_values,
        value_names: values::value_names,
        reset_status: handle::reset_status,
        library_handle: handle::library_handle,
        call_by_index: request::call_by_index,
        drop: request::drop_handle,
    },
    park: ParkApi::OWN,
    library: library::API,
};
