//! The behaviours of the reference, a file an area; the number above a test is that of the table in docs/KEA.md.

mod arguments;
mod calculation;
mod commands;
mod contexts;
mod handles;
mod loading;
mod logging;
mod multi_threading;
mod parameters;
mod scoped_state;
mod status;
mod test_mode;
mod unloading;
mod validation;
