//! The plugin `static-lease` as a shared library.

#![forbid(unsafe_code)]

hooks::library!(static_lease);
