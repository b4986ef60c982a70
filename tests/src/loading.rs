//! What tests load libraries with.

use hooks::{Hooks, LibraryPolicy};

/// `Hooks` that load libraries whoever could have changed them: where the umask is 002, the folders that Cargo makes are writable by
/// the group. What the check of permissions does has tests of its own.
pub fn hooks() -> Hooks {
    let hooks = Hooks::new();
    hooks.set_library_policy(LibraryPolicy::new().check_permissions(false));
    hooks
}
