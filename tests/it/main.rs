//! Integration tests: components and plugins as their users build them.
//!
//! A test that is made twice by `both!` runs with plugins as shared libraries and with plugins that are compiled in.

hooks::builtin!(
    scripted,
    ordered,
    by_name,
    calculating,
    commanding,
    digits,
    late_listener,
    logging,
    panicking,
    plain,
    parameterized,
    single_threaded,
    storing,
    toggling,
    handing,
    lasting,
    reaching,
);

mod attach;
mod order;
mod arguments;
mod context_key;
mod status;
mod panics;
mod plain;
mod shaken;
mod failure;
mod log;
mod fragile;
mod load;
mod unload;
mod reload;
mod in_flight;
mod nested;
mod versions;
mod constructors;
mod inspect;
mod park;
mod parking_lot;
mod observe;
mod registry;
mod files;
mod library_handle;
mod reentrant;
mod race;
mod churn;
mod table;
mod kea;
mod c_libraries;
mod hook_point_info;
