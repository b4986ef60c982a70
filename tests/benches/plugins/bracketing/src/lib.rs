//! Empty callouts around each request.

#![forbid(unsafe_code)]

hooks::library!();

/// The plugin's root: it has no state.
#[derive(Debug)]
struct Bracketing;

#[hooks::plugin]
impl hooks::Plugin for Bracketing {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Bracketing, hooks::BoxError> {
        Ok(Bracketing)
    }
}

#[hooks::callout(hooks::context_create)]
fn begin() {}

#[hooks::callout(hooks::context_destroy)]
fn end() {}
