//! The library's side of the handshake: what `hooks::library!` calls when the host opens the library.
#![expect(unsafe_code, reason = "the host's table is trusted, and the library's is made of pointers")]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::log;
use crate::abi::callout::CalloutEntry;
use crate::abi::{HostApi, LibraryTable, PROTOCOL, PluginApi, Text};
use crate::plugin;
use crate::slices;

/// Whether this copy of the crate belongs to a library that is bound to a host.
static BOUND: AtomicBool = AtomicBool::new(false);

/// A line `hooks::library!` with the plugin's crate. Made by that macro.
#[derive(Debug)]
pub struct LibraryLine(pub &'static str);

inventory::collect!(LibraryLine);

/// The plugin's crate of a `hooks::library!` that is linked into this program by mistake.
pub(crate) fn misplaced_line() -> Option<&'static str> {
    inventory::iter::<LibraryLine>.into_iter().next().map(|line| line.0)
}

/// Whether this copy of the crate belongs to a library, which has no `Hooks` of its own.
pub(crate) fn is_library() -> bool {
    // Relaxed: set once, before the host calls anything else of the library.
    BOUND.load(Ordering::Relaxed)
}

struct Table(LibraryTable);

mod sync {
    use super::Table;

    // SAFETY: all that the table points to is constant and lives as long as the process.
    unsafe impl Sync for Table {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for Table {}
}

/// Binds this library to `host` and returns what it offers. For generated code.
///
/// # Safety
///
/// `host` must be the table of a host that has opened this library.
pub unsafe fn bind(host: &'static HostApi, crate_name: &'static str, heap: bool) -> *const LibraryTable {
    static TABLE: OnceLock<Table> = OnceLock::new();
    BOUND.store(true, Ordering::Relaxed);
    let table = TABLE.get_or_init(|| {
        let plugin = plugin::entries().find(|entry| entry.crate_name == crate_name);
        log::forward(host, plugin.map_or(crate_name, |entry| entry.name));
        let (error, api, callouts) = match collect(crate_name, heap) {
            Ok((api, callouts)) => (String::new(), api, callouts),
            Err(error) => (error, PluginApi::of::<NoPlugin>(), Vec::new()),
        };
        let points = slices::points().map(|declared| declared.point).collect::<Vec<_>>();
        let (error, callouts, points) = (&*error.leak(), &*callouts.leak(), &*points.leak());
        Table(LibraryTable {
            size: size_of::<LibraryTable>(),
            protocol: PROTOCOL,
            error: Text::new(error),
            plugin: api,
            callouts: callouts.as_ptr(),
            callout_count: callouts.len(),
            points: points.as_ptr(),
            point_count: points.len(),
        })
    });
    &raw const table.0
}

fn collect(crate_name: &str, heap: bool) -> Result<(PluginApi, Vec<CalloutEntry>), String> {
    if !heap {
        return Err(
            "its static constructors have allocated more than 64 KB before it was bound to the host's heap".to_owned()
        );
    }
    let entry = plugin::entry(&format!("the crate `{crate_name}`"), |entry| entry.crate_name == crate_name)?;
    let entry = entry.ok_or_else(|| format!("the crate `{crate_name}` has no `#[hooks::plugin]`"))?;
    let callouts = plugin::callouts_of(entry)?;
    Ok((entry.api, callouts.into_iter().copied().collect()))
}

/// Stands where a library has no plugin; never loaded, because the table carries an error.
struct NoPlugin;

impl plugin::Plugin for NoPlugin {
    type Parameters = plugin::NoParameters;

    fn load(_: plugin::NoParameters, _: &mut crate::LibraryHandle) -> Result<NoPlugin, crate::BoxError> {
        Err("this library has no plugin".into())
    }
}
