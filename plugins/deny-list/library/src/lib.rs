//! The plugin `deny-list` as a shared library.

#![forbid(unsafe_code)]

hooks::library!(deny_list);
