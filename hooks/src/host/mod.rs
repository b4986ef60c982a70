//! What this binary is as a host: the functions behind handles, tickets and the log, and the calls themselves.

mod dispatch;
mod frame;
mod handle;
mod library;
mod log;
mod park;
mod store;

pub(crate) use handle::{decided_by, new_handle};
pub(crate) use park::prepare;

use crate::abi::heap::Heap;
use crate::abi::{HandleApi, HostApi, PROTOCOL, ParkApi};

/// The functions that this binary offers as a host.
pub(crate) fn api() -> &'static HostApi {
    &API
}

static API: HostApi = HostApi {
    size: size_of::<HostApi>(),
    protocol: PROTOCOL,
    heap: Heap::OWN,
    log_enabled: log::log_enabled,
    log: log::log,
    handle: HandleApi {
        call: dispatch::call,
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
        set_value: store::set_value,
        value: store::value,
        delete_value: store::delete_value,
        delete_values: store::delete_values,
        value_names: store::value_names,
        reset_status: handle::reset_status,
        library_handle: handle::library_handle,
        call_by_index: handle::call_by_index,
        drop: handle::drop_handle,
    },
    park: ParkApi::OWN,
    library: library::API,
};
