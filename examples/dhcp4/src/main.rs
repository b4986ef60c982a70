//! The program: see [`dhcp4::cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

hooks::builtin!(deny_list, flex_option, lease_log, ping_check, static_lease);

fn main() -> ExitCode {
    dhcp4::cli::run()
}
