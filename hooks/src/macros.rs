//! The macros that need no parsing.

/// Makes a shared library of the plugin in this crate, or of the plugin in the crate that is named.
///
/// One line in a package with `crate-type = ["cdylib"]`:
///
/// - `hooks::library!();` in the plugin's own crate, if the plugin is never compiled into a server, or
/// - `hooks::library!(deny_list);` in a package of its own, if the crate `deny_list` is also compiled in.
///
/// It exports the entry function that the host looks for, describes the binary in its section `.hooks`, and installs a global
/// allocator that forwards to the host's, so that host and library have one heap. A crate that is linked into a program must
/// not contain it: [`Hooks::new`](crate::Hooks::new) refuses to work there.
///
/// A second global allocator, also in a crate that the library depends on, is the compiler's error:
///
/// ```compile_fail
/// hooks::library!();
///
/// #[global_allocator]
/// static MINE: std::alloc::System = std::alloc::System;
/// ```
#[macro_export]
macro_rules! library {
    () => {
        $crate::__library!($crate::__private::env!("CARGO_CRATE_NAME"));
    };
    ($plugin:ident) => {
        use $plugin as _;
        $crate::__library!($crate::__private::stringify!($plugin));
    };
}

/// The body of [`library!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __library {
    ($crate_name:expr) => {
        const _: () = {
            const RECORD: $crate::__private::LibraryRecord =
                $crate::__private::LibraryRecord { crate_name: $crate_name, unwinds: cfg!(panic = "unwind") };

            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__hooks"))]
            #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".hooks"))]
            static BYTES: [u8; RECORD.length()] = RECORD.bytes();

            $crate::__private::inventory::submit! { $crate::__private::LibraryLine($crate_name) }

            #[global_allocator]
            static ALLOCATOR: $crate::__private::ForwardingAllocator = $crate::__private::ForwardingAllocator::new();

            #[unsafe(no_mangle)]
            extern "C" fn hooks_library_6(
                host: &'static $crate::__private::HostApi,
            ) -> *const $crate::__private::LibraryTable {
                // SAFETY: only a host calls this function, with its own table.
                unsafe {
                    let heap = ALLOCATOR.bind(&host.heap);
                    $crate::__private::bind(host, $crate_name, heap)
                }
            }
        };
    };
}

/// Names the crates of plugins that are compiled in; a crate that no one names is not linked.
///
/// ```ignore
/// hooks::builtin!(deny_list, lease_log);
/// ```
///
/// They are then found by the names of their packages, as [`Source::Builtin`](crate::Source::Builtin).
#[macro_export]
macro_rules! builtin {
    ($($plugin:ident),+ $(,)?) => {
        $(use $plugin as _;)+
    };
}
