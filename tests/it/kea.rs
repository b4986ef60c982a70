//! The behaviours of the reference, a file an area; the number above a test is that of the table in docs/KEA.md.

mod arguments;
mod attachment;
mod calculation;
mod calling;
mod commands;
mod contexts;
mod deregistration;
mod digits;
mod handles;
mod loading;
mod logging;
mod multi_threading;
mod mutation;
mod nested_calls;
mod order;
mod parameters;
mod registration;
mod scoped_state;
mod standard_functions;
mod status;
mod test_mode;
mod unloading;
mod validation;
