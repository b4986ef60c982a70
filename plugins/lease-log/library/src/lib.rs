//! The plugin `lease-log` as a shared library.

#![forbid(unsafe_code)]

hooks::library!(lease_log);
