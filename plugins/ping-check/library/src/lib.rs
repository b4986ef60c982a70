//! The plugin `ping-check` as a shared library.

#![forbid(unsafe_code)]

hooks::library!(ping_check);
