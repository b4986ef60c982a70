//! The behaviours of the reference, a file an area; the number above a test is that of the table in docs/KEA.md.

mod attachment;
mod calling;
mod deregistration;
mod digits;
mod mutation;
mod nested_calls;
mod order;
mod registration;
mod standard_functions;
