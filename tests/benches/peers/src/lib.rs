//! What others take for a call with the same two arguments: the same loop, the same work in the callee.

mod abi_stable;
mod libloading;
mod stabby;
mod wasm;

use workloads::Loop;

type Problem = Box<dyn std::error::Error>;

/// Makes the loop of a peer.
pub type Prepare = fn() -> Result<Loop, Box<dyn std::error::Error>>;

/// The peers, by name.
pub const ALL: &[(&str, Prepare)] = &[
    ("libloading, `Symbol`", libloading::prepare),
    ("abi_stable, trait object", abi_stable::prepare),
    ("stabby, trait object", stabby::prepare),
    ("wasmtime, typed function", wasm::prepare),
];
