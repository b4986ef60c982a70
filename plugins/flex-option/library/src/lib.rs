//! The plugin `flex-option` as a shared library.

#![forbid(unsafe_code)]

hooks::library!(flex_option);
