//! A plugin under strict lints: what is generated is documented, reachable only where it is meant to be, and free of warnings.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, missing_copy_implementations)]
#![deny(future_incompatible, let_underscore, nonstandard_style, rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![deny(unused, unused_qualifications, unused_lifetimes, unused_results, unused_import_braces, unused_extern_crates)]
#![deny(single_use_lifetimes, redundant_lifetimes, elided_lifetimes_in_paths, explicit_outlives_requirements)]
#![deny(trivial_casts, trivial_numeric_casts, unnameable_types, non_ascii_idents, variant_size_differences)]
#![deny(unsafe_op_in_unsafe_fn, absolute_paths_not_starting_with_crate, redundant_imports, unit_bindings)]
#![deny(ambiguous_negative_literals, ffi_unwind_calls, let_underscore_drop, macro_use_extern_crate, meta_variable_misuse)]

/// The hook points.
pub mod points {
    hooks::declare_hooks! {
        /// A text has been received.
        pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
        /// A number has been counted.
        pub hook counted(count: u32) -> [Continue, Skip, Drop, Park];
        /// Nobody attaches to it.
        pub hook idle() -> [Continue], on_failure = Continue;
    }
}

/// The plugin.
#[derive(Debug)]
pub struct Root {
    /// What is added.
    pub text: String,
}

#[hooks::plugin(multi_threading_compatible = true)]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, library: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        library.register_callout(&later::callout())?;
        library.register_callout(&points::counted::callout(|_, args| assert_ne!(args.count, 0)))?;
        Ok(Root { text: String::from("-") })
    }
}

/// Is public.
#[hooks::callout(points::received)]
pub fn public(this: &Root, query: &mut String) {
    query.push_str(&this.text);
}

#[hooks::callout(points::received)]
pub(crate) fn of_the_crate(count: u32) -> points::received::NextStep {
    if count == 0 { points::received::NextStep::Skip } else { points::received::NextStep::Continue }
}

#[hooks::callout(points::received)]
fn private(handle: &mut hooks::CalloutHandle<'_>) -> Result<(), hooks::Error> {
    handle.set_status(hooks::NextStep::Drop)
}

#[hooks::callout(points::received, manual)]
fn later<'a>(query: &'a mut String, peer: &'a String) {
    query.push_str(peer);
}

// It is attached, so it is in use, whether the function is called by anybody or not; the same holds of the one that is not
// attached, because somebody may do it by its record.
#[hooks::callout(points::counted, manual)]
fn never() {}

#[hooks::callout(name = "received")]
fn by_name(arguments: &mut hooks::Arguments<'_>) -> Result<(), hooks::Error> {
    arguments.get_mut::<String>("query")?.push('.');
    Ok(())
}

#[hooks::callout(command = "x-y")]
fn command(command: &hooks::Command, response: &mut hooks::Response) {
    response.set(0, command.name());
}

mod inner {
    #[hooks::callout(crate::points::counted)]
    fn inside(count: u32, handle: &mut hooks::CalloutHandle<'_>) {
        handle.set_context("count", count);
    }

    #[hooks::callout(crate::points::idle)]
    pub(super) fn idle() {}

    #[hooks::callout(hooks::context_create)]
    pub(crate) fn begin() {}
}

fn main() -> Result<(), hooks::Error> {
    let hooks = hooks::Hooks::new();
    hooks.load_libraries(vec![hooks::LibraryConfig::new(hooks::Source::Builtin(env!("CARGO_PKG_NAME").into()))])?;
    let (mut query, peer) = (String::from("q"), String::from("p"));
    let mut handle = hooks.handle();
    let step = points::received::call(&mut handle, || points::received::Args { query: &mut query, peer: &peer, count: 1 });
    assert!(step.is_drop());
    assert_eq!(query, "q-.p");
    let step = points::counted::call(&mut handle, || points::counted::Args { count: 1 });
    assert!(step.is_continue());
    Ok(())
}
