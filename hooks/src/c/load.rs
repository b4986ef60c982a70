//! Opens a C library, and its standard functions as those of a plugin.
#![expect(unsafe_code, reason = "the state of a library crosses as a pointer, and its functions are those of C")]

use std::ffi::{c_int, c_void};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use super::boundary::c_string;
use super::constants::HOOKS_VERSION;
use super::file::Symbols;
use super::image::Image;
use super::table::API;
use super::types::{CLibrary, Function};
use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::{HandOverApi, LibraryApi, PluginApi, Sink, Text};
use crate::library::Code;
use crate::library::image::Mapped;
use crate::registrations::Registrations;
use crate::registry;

/// The functions of a C library, as the host works on each plugin.
const PLUGIN: PluginApi = PluginApi { load, unload, drop, hand_over: HandOverApi::NONE };

/// The type of the standard function `load`.
type Load = unsafe extern "C-unwind" fn(*mut CLibrary) -> c_int;

/// The code of a library that has been mapped; `original` is its file.
pub(crate) fn open(mapped: Mapped, symbols: Symbols, original: &Path) -> Result<Code, String> {
    Image::new(mapped, symbols).map(|image| code(Arc::new(image), original))
}

/// The code of a library whose file is `original`.
pub(crate) fn code(image: Arc<Image>, original: &Path) -> Code {
    Code {
        name: name(original),
        version: HOOKS_VERSION.to_string(),
        plugin: PLUGIN,
        multi_threading_compatible: image.multi_threading_compatible,
        callouts: Vec::new(),
        c: Some(image),
    }
}

/// The name of a library: that of its file `libname.so`, also `libname.so.1.2`.
pub(crate) fn name(original: &Path) -> Arc<str> {
    let file = original.file_name().unwrap_or_default().to_string_lossy();
    let end = file.find(".so.").or_else(|| file.rfind('.')).filter(|end| *end > 0);
    let stem = end.and_then(|end| file.get(..end)).unwrap_or(&file);
    stem.strip_prefix("lib").filter(|name| !name.is_empty()).unwrap_or(stem).into()
}

unsafe extern "C" fn load(
    parameters: Text,
    library: *const Counted,
    api: &'static LibraryApi,
    error: &mut Sink,
) -> *const c_void {
    // SAFETY: the host gives the count away.
    let registrations = unsafe { ptr::read(library) };
    // SAFETY: the host lends the text for this call.
    let parameters = unsafe { parameters.get() };
    match guard(|| make(&parameters, registrations, api)) {
        Ok(Ok(library)) => Arc::into_raw(library).cast(),
        Ok(Err(text)) | Err(text) => {
            error.write(&text);
            ptr::null()
        }
    }
}

fn make(parameters: &str, registrations: Counted, api: &'static LibraryApi) -> Result<Arc<CLibrary>, String> {
    // SAFETY: what the host counts are registrations of its own, and `registrations` keeps them.
    let own = unsafe { ManuallyDrop::new(Arc::from_raw(registrations.pointer().cast::<Registrations>())) };
    let code = own.code().ok_or("the host has given no code to the library")?;
    let library = Arc::new(CLibrary {
        api: &API,
        name: c_string(&code.name),
        parameters: c_string(parameters),
        registrations,
        library_api: api,
        image: Arc::clone(code),
    });
    let image = library.image()?;
    let hooks = image.hooks(&registry::lock());
    for hook in &hooks {
        if let Some(function) = image.function::<Function>(hook)? {
            library.register(hook, hook, function, &format!("{}.c", code.name), 0)?;
        }
    }
    let mut answer = 0;
    if let Some(function) = image.function::<Load>("load")? {
        // SAFETY: the function has this type in each C library; what it is lent is shared, and lives until it is dropped.
        answer = unsafe { function(Arc::as_ptr(&library).cast_mut()) };
    }
    if answer == 0 {
        if !own.has_any() {
            // A subscriber that panics must not make a library that is loaded one that is not.
            let _ = guard(|| {
                tracing::warn!(
                    library = &*code.name,
                    "nothing of the library is attached: none of its functions is named as a hook point, and its `load` \
                     registered none"
                );
            });
        }
        return Ok(library);
    }
    // What it has begun it may end; as in the reference.
    if let Some(answer) = image.call("unload")?.filter(|answer| *answer != 0) {
        tracing::error!(library = &*code.name, "`unload` after the failed `load` returned {answer}; expected 0");
    }
    Err(format!("its function `load` returned {answer}; expected 0"))
}

unsafe extern "C" fn unload(state: *const c_void, error: &mut Sink) -> bool {
    // SAFETY: the host gives back what `load` returned, and has not dropped it yet.
    let library = unsafe { &*state.cast::<CLibrary>() };
    let text = match guard(|| library.image()?.call("unload")) {
        Ok(Ok(None | Some(0))) => return true,
        Ok(Ok(Some(answer))) => format!("its function `unload` returned {answer}; expected 0"),
        Ok(Err(text)) | Err(text) => text,
    };
    error.write(&text);
    false
}

unsafe extern "C" fn drop(state: *const c_void, error: &mut Sink) -> bool {
    // SAFETY: the host gives back what `load` returned, once.
    let library = unsafe { Arc::from_raw(state.cast::<CLibrary>()) };
    match guard(|| std::mem::drop(library)) {
        Ok(()) => true,
        Err(message) => {
            error.write(&message);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_has_the_name_of_its_file() {
        for (file, expected) in [
            ("/x/libalpha.so", "alpha"),
            ("alpha.so", "alpha"),
            ("libalpha.so.1", "alpha"),
            ("libalpha.so.1.2.3", "alpha"),
            ("libalpha.1.so", "alpha.1"),
            ("lib.so", "lib"),
            (".so", ".so"),
            ("alpha", "alpha"),
        ] {
            assert_eq!(&*name(Path::new(file)), expected, "{file}");
        }
    }
}
