//! The workloads: what is measured, each as a loop that does one thing over and over.
//!
//! The instruction gate and the programs that take times run the same loops.

mod calls;
mod files;
mod peers;
mod repeat;
mod requests;
mod values;

use hooks::Hooks;
use serde_json::json;

pub use files::{Files, library};
pub use peers::{RawCall, raw_call};
pub use repeat::repeat;

/// A loop that is ready to run as often as it is told.
pub type Loop = Box<dyn FnMut(u64)>;

/// One thing that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Its name, as it stands in the tables.
    pub name: &'static str,
    /// What it does, in words.
    pub what: &'static str,
    /// The libraries that are loaded: a plugin, and how many of it.
    pub libraries: &'static [(&'static str, usize)],
    /// Makes the loop for one thread.
    pub prepare: fn(&Hooks) -> Loop,
}

/// All workloads, in the order of the tables.
pub const ALL: &[Workload] = &[
    Workload { name: "loop", what: "the empty loop", libraries: &[], prepare: calls::empty },
    Workload { name: "raw", what: "raw call through a dlsym'd pointer", libraries: &[], prepare: peers::raw },
    Workload { name: "box-dyn", what: "`Box<dyn>` in process", libraries: &[], prepare: peers::boxed },
    Workload { name: "idle", what: "hook point, nothing attached", libraries: &[("calling", 1)], prepare: calls::idle },
    Workload { name: "call-1", what: "typed call, 1 library", libraries: &[("calling", 1)], prepare: calls::received },
    Workload {
        name: "call-4",
        what: "typed call, 4 libraries",
        libraries: &[("chaining", 4)],
        prepare: calls::received,
    },
    Workload {
        name: "call-16",
        what: "typed call, 16 libraries",
        libraries: &[("chaining", 16)],
        prepare: calls::received,
    },
    Workload {
        name: "timed-1",
        what: "typed call, 1 library, timing switched on",
        libraries: &[("calling", 1)],
        prepare: calls::timed,
    },
    Workload {
        name: "timed-4",
        what: "typed call, 4 libraries, timing switched on",
        libraries: &[("chaining", 4)],
        prepare: calls::timed,
    },
    Workload {
        name: "request",
        what: "request: handle made, 3 hook points with 1 callout each, handle dropped",
        libraries: &[("calling", 1)],
        prepare: requests::request,
    },
    Workload {
        name: "handle",
        what: "handle made and dropped",
        libraries: &[("calling", 1)],
        prepare: requests::handle,
    },
    Workload {
        name: "handle-bracketed",
        what: "handle made and dropped, empty context_create and context_destroy",
        libraries: &[("bracketing", 1)],
        prepare: requests::handle,
    },
    Workload { name: "context-get", what: "context read", libraries: &[("storing", 1)], prepare: values::read },
    Workload { name: "context-set", what: "context stored", libraries: &[("storing", 1)], prepare: values::stored },
    Workload {
        name: "by-name",
        what: "2 extra arguments set, 1 callout reads both and changes one, read back",
        libraries: &[("naming", 1)],
        prepare: values::named,
    },
    Workload {
        name: "lent-by-name",
        what: "typed call, 1 callout takes both arguments by name",
        libraries: &[("naming", 1)],
        prepare: values::lent_by_name,
    },
];

/// The workload called `name`.
pub fn find(name: &str) -> Option<&'static Workload> {
    ALL.iter().find(|workload| workload.name == name)
}

impl Workload {
    /// The component with the workload's libraries; their files are kept in `files`.
    ///
    /// # Errors
    ///
    /// If a library cannot be copied or loaded.
    pub fn component(&self, files: &Files) -> Result<Hooks, Box<dyn std::error::Error>> {
        let hooks = Hooks::new();
        let mut libraries = Vec::new();
        for &(plugin, copies) in self.libraries {
            let configs = files.copies(plugin, copies)?.into_iter().enumerate();
            libraries.extend(configs.map(|(place, config)| match plugin {
                "chaining" => config.parameters(json!({ "place": place })),
                _ => config,
            }));
        }
        hooks.load_libraries(libraries)?;
        Ok(hooks)
    }
}
