//! The control socket of a running server.

mod changes;
mod clients;
mod configuration;
mod hooks;
mod leases;
#[path = "../clients/program.rs"]
mod program;
mod robustness;
mod served;
mod status;
#[path = "../clients/until.rs"]
mod until;

::hooks::builtin!(deny_list, flex_option, lease_log, static_lease);
