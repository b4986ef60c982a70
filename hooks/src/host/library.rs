//! The host's side of a library handle.
#![expect(unsafe_code, reason = "follows the pointers that a library handle lends")]

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::slice;
use std::sync::Arc;

use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::abi::point::{COMMAND, UNKNOWN};
use crate::abi::{LibraryApi, Registration, Sink, Text};
use crate::callout_info::{CalloutInfo, CalloutNames};
use crate::command::is_command;
use crate::library::Attachment;
use crate::registrations::{Registered, Registrations};
use crate::registry::{self, Registry};

pub(super) const API: LibraryApi = LibraryApi { name, register, deregister, deregister_all, register_hook };

/// The registrations of a handle, whose count stays the handle's.
///
/// # Safety
///
/// `library` must be what a `Counted` of `Arc<Registrations>` points to, and a count of it must outlive the result.
unsafe fn borrow(library: *const c_void) -> ManuallyDrop<Arc<Registrations>> {
    // SAFETY: the caller's promise.
    ManuallyDrop::new(unsafe { Arc::from_raw(library.cast::<Registrations>()) })
}

unsafe extern "C" fn name(library: *const c_void) -> Text {
    // SAFETY: a handle lends its own; the name lives as long as the registrations.
    Text::new(unsafe { (*library.cast::<Registrations>()).name() })
}

unsafe extern "C" fn register(
    library: *const c_void,
    first: *const Registration,
    count: usize,
    error: &mut Sink,
) -> bool {
    // SAFETY: a handle lends its own registrations, and so many of what is to be registered for this call.
    let (registrations, new) = unsafe { (borrow(library), slice::from_raw_parts(first, count)) };
    let result = guard(|| {
        // SAFETY: what is registered is lent for this call.
        let new = new.iter().map(|registration| unsafe { describe(&registrations, registration) });
        registrations.register(new.collect::<Result<_, _>>()?)
    });
    match result {
        Ok(Ok(())) => return true,
        Ok(Err(text)) | Err(text) => error.write(&text),
    }
    false
}

/// What is to be registered, checked.
///
/// # Safety
///
/// What `registration` points to must be alive.
unsafe fn describe(owner: &Registrations, registration: &Registration) -> Result<Registered, String> {
    // SAFETY: the caller's promise.
    let (hook, name) = unsafe { (registration.hook.get(), registration.name.get()) };
    let mut registry = registry::lock();
    // SAFETY: the caller's promise.
    let closure = unsafe { registration.closure.as_ref() };
    let identity = registration.identity.addr();
    if closure.is_none()
        && let Some(code) = owner.code()
    {
        let own = code.callouts.iter().find(|callout| callout.identity == identity);
        let Some(own) = own else {
            return Err(format!("the callout `{name}` is not one of the library `{}`", owner.name()));
        };
        let attachment = if own.point.name == hook {
            own.clone()
        } else {
            let (index, point) = command(&mut registry, &hook, &own.point)?;
            let names = CalloutNames { hook: hook.into_owned(), ..(*own.info.inner).clone() };
            Attachment { index, point, info: CalloutInfo { inner: Arc::new(names) }, ..own.clone() }
        };
        return Ok(Registered::new(attachment, None, false));
    }
    if registration.takes_state {
        return Err(format!("the callout `{name}` takes the root of a plugin; only its own library can register it"));
    }
    // SAFETY: a hook point is a static.
    let (index, point) = match unsafe { registration.point.as_ref() } {
        Some(point) if point.index() == UNKNOWN => {
            return Err(format!("this host knows the hook point `{hook}` in another form"));
        }
        Some(point) if point.index() == COMMAND => {
            registry.find_for_callout(&hook).ok_or_else(|| registry.unknown(&hook))?
        }
        Some(point) => {
            let info = registry.info(point.index()).ok_or_else(|| registry.unknown(&hook))?;
            (point.index(), Arc::clone(info))
        }
        None => registry.find_for_callout(&hook).ok_or_else(|| registry.unknown(&hook))?,
    };
    let (index, point) = if point.name == hook { (index, point) } else { command(&mut registry, &hook, &point)? };
    // SAFETY: the caller's promise.
    let file = unsafe { registration.file.get() };
    let names = CalloutNames {
        hook: point.name.clone(),
        library: owner.name().into(),
        callout: name.into_owned(),
        file: file.into_owned(),
        line: registration.line,
    };
    let info = CalloutInfo { inner: Arc::new(names) };
    let (thunk, is_plain) = (registration.thunk, registration.is_plain);
    let attachment = Attachment { index, point, thunk, is_plain, info, identity, manual: true };
    let closure = closure.cloned();
    Ok(Registered::new(attachment, closure, registration.across_loads))
}

/// The hook point of a command, for a callout that was made for `point`.
fn command(registry: &mut Registry, hook: &str, point: &PointInfo) -> Result<(u32, Arc<PointInfo>), String> {
    if !is_command(&point.name) && point.name != registry::COMMAND_CALLOUT {
        return Err(format!(
            "the callout belongs to the hook point `{}`, not to `{hook}`; handlers of commands are made with \
             `#[callout(command = \"…\")]` or `command_callout::callout`",
            point.name
        ));
    }
    registry.find_for_callout(hook).ok_or_else(|| registry.unknown(hook))
}

unsafe extern "C" fn deregister(library: *const c_void, hook: Text, identity: *const c_void) -> bool {
    // SAFETY: a handle lends its own registrations.
    let registrations = unsafe { borrow(library) };
    // SAFETY: the name is lent for this call.
    let hook = unsafe { hook.get() };
    let Some(index) = registry::lock().find(&hook).map(|(index, _)| index) else { return false };
    let is_meant = |registered: &Registered| registered.attachment.identity == identity.addr();
    guard(|| registrations.deregister(index, is_meant)).unwrap_or(false)
}

unsafe extern "C" fn deregister_all(library: *const c_void, hook: Text, error: &mut Sink) -> bool {
    // SAFETY: a handle lends its own registrations.
    let registrations = unsafe { borrow(library) };
    // SAFETY: the name is lent for this call.
    let hook = unsafe { hook.get() };
    let registry = registry::lock();
    let Some(index) = registry.find(&hook).map(|(index, _)| index) else {
        error.write(&registry.unknown(&hook));
        return false;
    };
    drop(registry);
    guard(|| registrations.deregister(index, |_| true)).unwrap_or(false)
}

unsafe extern "C" fn register_hook(name: Text, file: Text, line: u32, error: &mut Sink) -> u32 {
    // SAFETY: the texts are lent for this call.
    let (name, file) = unsafe { (name.get(), file.get()) };
    match registry::lock().register(&name, &file, line) {
        Ok(index) => index,
        Err(text) => {
            error.write(&text);
            UNKNOWN
        }
    }
}
