//! The macros of the crate `hooks`, which re-exports and documents them.
//!
//! Each macro is parsed into a model, checked, and expanded into calls of `hooks::__private`. All mistakes are reported at once,
//! each on the token that is to be changed.

mod errors;
mod options;
mod outer;
mod function;
mod statuses;
mod point;
mod declare;
mod hook_point;
mod callout;
mod plugin;
mod hook_type;
mod register;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares hook points that components call and plugins attach to.
///
/// Each `hook name(…)` becomes a module `name` with
///
/// - `Args`, the arguments as a struct with public fields,
/// - `NextStep`, with the statuses that the hook point honours: what a callout returns,
/// - `call(&mut handle, || Args { … })`, which calls the callouts; the arguments are only built if any are attached,
/// - `Step`, what `call` returns: `NextStep`, or an enum with `Parked` where PARK is honoured,
/// - `callouts_present(&handle)`,
/// - `callout(closure)`, which makes a closure a callout, to be registered through a library handle.
///
/// ```
/// #[derive(hooks::HookType)]
/// pub struct Packet {
///     pub data: Vec<u8>,
/// }
///
/// hooks::declare_hooks! {
///     /// A packet has been received. SKIP: it is not parsed. DROP: it is dropped.
///     pub hook packet_received(packet: &mut Packet, port: u16) -> [Continue, Skip, Drop];
///
///     /// A lease is about to be renewed. SKIP: it is not.
///     pub hook lease_renew(packet: &Packet) -> [Continue, Skip], on_failure = Skip;
/// }
/// # fn main() {}
/// ```
///
/// An argument is `&T`, `&mut T`, or a number, `bool` or `char`. `T` derives `HookType`. A callout that fails (it panics or
/// returns an error) counts as DROP; a hook point that does not honour DROP says with `on_failure` what it counts as.
///
/// The names `context_create`, `context_destroy` and `command_callout` are the framework's own.
///
/// A macro with more than 64 hook points stands in a module, not inside of a function.
///
/// `crate = path;` before the first hook point names the crate `hooks` where it is not called so.
#[proc_macro]
pub fn declare_hooks(input: TokenStream) -> TokenStream {
    declare::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a function a hook point: its body is the step that SKIP leaves out.
///
/// `#[hook_point(path)]` binds it to a declared hook point, whose arguments the function takes by name, beside
/// `handle: &mut CalloutHandle`. It then returns [`Step<R>`](https://docs.rs/hooks) instead of `R`. Parameters that are no
/// arguments of the hook point are marked `#[not_argument]`.
///
/// ```
/// hooks::declare_hooks! { pub hook lease_select(client: u32, address: &mut u32) -> [Continue, Skip, Drop]; }
///
/// /// Chooses an address for `client`.
/// #[hooks::hook_point(lease_select)]
/// fn select_lease(handle: &mut hooks::CalloutHandle, client: u32, address: &mut u32) -> bool {
///     *address = client + 1;
///     true
/// }
///
/// # fn main() {
/// let (hooks, mut address) = (hooks::Hooks::new(), 0);
/// assert_eq!(select_lease(&mut hooks.handle(), 6, &mut address), hooks::Step::Done(true));
/// assert_eq!(address, 7);
/// # }
/// ```
///
/// `#[hook_point(statuses = [Continue, Skip], on_failure = Skip)]` makes a hook point of its own, named as the function, for
/// callouts that take their arguments by name; plugins with typed callouts need a declared one.
///
/// Lifetimes are allowed, other generics are not. Of an `async fn` the callouts run before the body's first await. A hook point
/// that honours PARK cannot be a function, because nobody could run its body later.
#[proc_macro_attribute]
pub fn hook_point(attribute: TokenStream, item: TokenStream) -> TokenStream {
    hook_point::expand(attribute.into(), item.into()).into()
}

/// Attaches a function to a hook point; the function stays callable.
///
/// `#[callout(path::to::hook_point)]`. The function takes any of the hook point's arguments by name, each as the hook point
/// declares it, or as `&T` where it is lent as `&mut T`; and, if it likes,
///
/// - `this: &Root`, the plugin root,
/// - `handle: &mut CalloutHandle`, the request's handle,
/// - `arguments: &mut Arguments<'_>`, the arguments by name, in place of typed ones.
///
/// It returns nothing, the hook point's `NextStep`, or a `Result` of either. CONTINUE and nothing mean: no opinion. A panic or an
/// error is logged and counts as the hook point's failure status.
///
/// What a callout returns borrows nothing; lifetimes in the signature have no bounds. The names `CalloutHandle` and `Arguments` are
/// written as they are, with or without a path.
///
/// `#[callout(name = "hook_point")]` attaches by name to a hook point that is not declared by `declare_hooks!`.
///
/// # Commands
///
/// `#[callout(command = "lease4-get")]` handles a command of the operator: `command: &Command` is what is asked,
/// `response: &mut Response` what is answered. Small letters, digits and `-` make a command's name.
///
/// # Registering at run time
///
/// With `manual` the callout is not attached when the library is loaded. The plugin registers it when it likes, through a library
/// handle, as `register_callout(&the_function::callout())`. A callout without `manual` has this value as well, so that it can be
/// deregistered.
///
/// ```
/// use hooks::{BoxError, Command, LibraryHandle, NoParameters, Response};
///
/// hooks::declare_hooks! { pub hook client_seen(name: &String) -> [Continue, Drop]; }
///
/// struct Watch {
///     library: LibraryHandle,
/// }
///
/// #[hooks::plugin]
/// impl hooks::Plugin for Watch {
///     type Parameters = NoParameters;
///
///     fn load(_: NoParameters, library: &mut LibraryHandle) -> Result<Self, BoxError> {
///         Ok(Watch { library: library.clone() })
///     }
/// }
///
/// /// The operator says when clients are watched from now on.
/// #[hooks::callout(command = "watch-start")]
/// fn start(this: &Watch, command: &Command, response: &mut Response) -> Result<(), hooks::Error> {
///     this.library.register_callout(&print_client::callout())?;
///     response.set(0, format!("{}: done", command.name()));
///     Ok(())
/// }
///
/// #[hooks::callout(client_seen, manual)]
/// fn print_client(name: &String) {
///     println!("{name}");
/// }
/// # fn main() {}
/// ```
///
/// For this value the function `print_client` has an item of the same name beside it, with the function's visibility, so no module
/// or type there may be called so. Only the hook point may: `#[callout(client_seen)] fn client_seen(…)` is a callout, but one
/// without `callout()`, and not `manual`.
///
/// A closure becomes a callout by the hook point's own function `callout`: `client_seen::callout(|handle, args| …)`. It is lent all
/// arguments, as the hook point's `Args`, and any thread may call it, so it is `Fn + Send + Sync + 'static`.
///
/// A hook point that is itself called `manual` is written with its path, `self::manual`.
#[proc_macro_attribute]
pub fn callout(attribute: TokenStream, item: TokenStream) -> TokenStream {
    callout::expand(attribute.into(), item.into()).into()
}

/// Makes a type the root of the plugin in this crate: goes on `impl hooks::Plugin for Root`.
///
/// Name and version are the package's. There is one in a crate.
///
/// `#[plugin(multi_threading_compatible = false)]` says that the callouts must not run on several threads at a time: a component
/// that uses threads refuses to load the library. Memory is safe either way, because a root is `Sync`; this is about plugins that
/// work on something that only one thread may use, as a device or a file.
///
/// ```
/// # struct Counter;
/// #[hooks::plugin(multi_threading_compatible = false)]
/// impl hooks::Plugin for Counter {
///     type Parameters = hooks::NoParameters;
///
///     fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
///         Ok(Counter)
///     }
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn plugin(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plugin::expand(attribute.into(), item.into()).into()
}

/// Lets a type be an argument of hook points, or part of one, by describing its layout.
///
/// All fields must be hook types themselves: numbers, `bool`, `char`, arrays, the common types of the standard library, and types
/// that derive it. Two attributes help with other fields:
///
/// - `#[hook(opaque = "crate 1.2, features a b")]` on a field of a foreign type: the text is compared, and the same compiler is
///   demanded;
/// - `#[hook(recursive)]` on a field whose type names the type itself, as in `Option<Box<Self>>`; of two types that contain each
///   other, one has an opaque field.
///
/// `#[hook(crate = path)]` on the type names the crate `hooks` where it is not called so.
#[proc_macro_derive(HookType, attributes(hook))]
pub fn hook_type(input: TokenStream) -> TokenStream {
    hook_type::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
