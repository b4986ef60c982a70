//! The host's side of a call: walks the chain of a hook point and settles the status.
#![expect(unsafe_code, reason = "calls the thunks of libraries and follows the pointers of a handle")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use crate::abi::decode::PointInfo;
use crate::abi::guard::guard;
use crate::abi::{HostApi, Sink, Text};
use crate::arguments::{self, Arguments, Found};
use crate::callout::CalloutInfo;
use crate::generation::{Chain, Generation, Link};
use crate::instance::{self, Instance};
use crate::observe::{Call, CalloutResult};
use crate::park::Parking;
use crate::point::UNKNOWN;
use crate::registry;
use crate::status::{NextStep, Statuses};

/// What a thunk returns when its callout panicked or returned an error; the message has been given to the handle.
pub(crate) const FAILED: u32 = 0x100;

/// Hook points nest this deep within one request; a deeper call is answered by the hook point's failure status.
const MAX_DEPTH: u32 = 32;

/// The part of a handle that a library may touch: the functions to work on it.
#[derive(Debug)]
#[repr(C)]
pub struct Head {
    /// The functions of the host that made the handle.
    pub api: &'static HostApi,
}

/// The functions of a callout handle. All take the handle's head; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub struct HandleApi {
    pub(crate) call: unsafe extern "C" fn(*mut Head, index: u32, arguments: *mut c_void) -> u32,
    pub(crate) present: unsafe extern "C" fn(*mut Head, index: u32) -> bool,
    pub(crate) failed: unsafe extern "C" fn(*mut Head, message: Text),
    pub(crate) lent: unsafe extern "C" fn(*mut Head) -> *const Lent,
    pub(crate) argument:
        unsafe extern "C" fn(*const Lent, name: Text, hash: &[u64; 2], mutable: bool, &mut Sink) -> Found,
    pub(crate) argument_names: unsafe extern "C" fn(*const Lent, &mut Sink),
    pub(crate) status: unsafe extern "C" fn(*mut Head) -> u32,
    pub(crate) set_status: unsafe extern "C" fn(*mut Head, status: u32, &mut Sink) -> bool,
    pub(crate) override_failure: unsafe extern "C" fn(*mut Head, status: u32, &mut Sink) -> bool,
    pub(crate) hook: unsafe extern "C" fn(*mut Head) -> Text,
    pub(crate) library: unsafe extern "C" fn(*mut Head) -> Text,
    pub(crate) park: unsafe extern "C" fn(*mut Head, &mut Sink) -> *const c_void,
    pub(crate) take_parked: unsafe extern "C" fn(*mut Head) -> *const c_void,
    pub(crate) drop: unsafe extern "C" fn(*mut Head),
}

impl HandleApi {
    /// The functions of this binary.
    pub(crate) const OWN: HandleApi = HandleApi {
        call,
        present,
        failed,
        lent,
        argument,
        argument_names,
        status,
        set_status,
        override_failure,
        hook,
        library,
        park,
        take_parked,
        drop: drop_handle,
    };
}

/// A callout handle as the host knows it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Inner {
    head: Head,
    instance: *const Instance,
    generation: *const Generation,
    number: usize,
    /// The innermost call that is going on, or null.
    frame: *mut Frame,
    /// The status of the last call, and the callout that set it.
    last: NextStep,
    decided: *const Link,
    parked: Option<Arc<Parking>>,
}

/// What a call lends; never changed while it lasts, so that `Arguments` may read it whatever the handle is used for.
#[derive(Debug)]
pub(crate) struct Lent {
    /// Alive as long as the call: the generation's, or held by whoever calls.
    point: *const PointInfo,
    arguments: *mut c_void,
}

/// One call of a hook point while its callouts run.
struct Frame {
    outer: *mut Frame,
    depth: u32,
    lent: *const Lent,
    link: *const Link,
    status: NextStep,
    decided: *const Link,
    /// Whether a callout failed and the failure status stands.
    failed: bool,
    message: Option<String>,
    parking: Option<Arc<Parking>>,
}

/// Makes the inside of a handle that pins the current generation of `instance`.
pub(crate) fn new_handle(instance: &Instance) -> *mut Head {
    let (generation, number) = instance.pin();
    let inner = Inner {
        head: Head { api: instance::host_api() },
        instance,
        generation,
        number,
        frame: ptr::null_mut(),
        last: NextStep::Continue,
        decided: ptr::null(),
        parked: None,
    };
    Box::into_raw(Box::new(inner)).cast()
}

unsafe extern "C" fn drop_handle(head: *mut Head) {
    let inner = head.cast::<Inner>();
    // SAFETY: `head` came from `new_handle` and its owner, whom no call borrows any more, gives it up here.
    let inner = unsafe { Box::from_raw(inner) };
    let (instance, number) = (inner.instance, inner.number);
    let _ = guard(|| drop(inner));
    // SAFETY: an instance outlives its pins: it is leaked if it is dropped while there are any.
    unsafe { (*instance).unpin(number) };
}

unsafe extern "C" fn present(head: *mut Head, index: u32) -> bool {
    // SAFETY: `head` is the head of a live `Inner`, which pins its generation.
    let generation = unsafe { &*(*head.cast::<Inner>()).generation };
    generation.chain(index).is_some_and(|chain| !chain.links.is_empty())
}

/// Calls the callouts that are attached to the hook point `index`.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; `arguments` must point to the argument
/// struct of the hook point with this index.
unsafe extern "C" fn call(head: *mut Head, index: u32, arguments: *mut c_void) -> u32 {
    let inner = head.cast::<Inner>();
    // SAFETY: the caller's promise; the handle pins the generation and the instance.
    let (generation, instance, outer) = unsafe { (&*(*inner).generation, &*(*inner).instance, (*inner).frame) };
    // SAFETY: a frame that is linked is on the stack of a caller of this function.
    let depth = if outer.is_null() { 0 } else { unsafe { (*outer).depth + 1 } };
    if depth >= MAX_DEPTH || instance.is_observed() || index == UNKNOWN {
        // SAFETY: the caller's promise.
        return unsafe { call_rare(inner, index, generation.chain(index), depth, arguments) };
    }
    let Some(chain) = generation.chain(index) else {
        // Attached in another set of libraries only.
        // SAFETY: the caller's promise.
        unsafe {
            (*inner).last = NextStep::Continue;
            (*inner).decided = ptr::null();
        }
        return NextStep::Continue as u32;
    };
    let lent = Lent { point: Arc::as_ptr(&chain.point), arguments };
    let mut frame = Frame::new(outer, depth, &lent);
    // All accesses go through this one pointer, which callouts reach through the handle.
    let frame = &raw mut frame;
    // SAFETY: the frame outlives its link in the handle: `finish` unlinks it, and nothing between unwinds.
    unsafe { (*inner).frame = frame };
    for link in &chain.links {
        // SAFETY: the frame is a local of this function, and no reference to it is alive here.
        unsafe { (*frame).link = link };
        // SAFETY: the thunk belongs to this hook point, the state to the thunk's library, whose generation is pinned.
        let answer = unsafe { (link.thunk)(head, arguments, link.state) };
        if answer != NextStep::Continue as u32 {
            // SAFETY: as above; the thunk has returned.
            settle(unsafe { &mut *frame }, answer);
        }
    }
    // SAFETY: `inner` is alive, see above.
    unsafe { finish(inner, &mut *frame) }
}

impl Frame {
    fn new(outer: *mut Frame, depth: u32, lent: &Lent) -> Frame {
        Frame {
            outer,
            depth,
            lent,
            link: ptr::null(),
            status: NextStep::Continue,
            decided: ptr::null(),
            failed: false,
            message: None,
            parking: None,
        }
    }

    fn point(&self) -> &PointInfo {
        // SAFETY: what is lent lives on the stack beside the frame.
        unsafe { &*(*self.lent).point }
    }

    fn names(&self) -> Option<&CalloutInfo> {
        // SAFETY: the link belongs to a chain of the pinned generation.
        unsafe { self.link.as_ref() }.map(|link| &link.info)
    }

    /// The status for a callout that failed here.
    fn on_failure(&self) -> NextStep {
        NextStep::from_raw(u32::from(self.point().on_failure)).unwrap_or(NextStep::Drop)
    }

    /// A callout failed: it is logged, and counts as the hook point says.
    fn fail(&mut self, message: &str) {
        let status = self.on_failure();
        let (library, callout) = self.names().map_or(("", ""), |info| (info.library(), info.callout()));
        let hook = self.point().name.as_str();
        tracing::error!(hook, library, callout, %status, "callout failed: {message}");
        self.stand_for_failure(status);
    }

    /// The failure's status stands from now on: it is undone only by `override_failure`, and does not undo a more severe one.
    fn stand_for_failure(&mut self, status: NextStep) {
        // A hook point where failures count as CONTINUE says that a failed callout has no opinion.
        if status == NextStep::Continue {
            return;
        }
        if severity(status) >= severity(self.status) {
            self.status = status;
            self.decided = self.link;
        }
        self.failed = true;
    }

    /// A callout answered `status`.
    fn answer(&mut self, status: NextStep) {
        // After a failure only something more severe counts, so that nobody undoes it by accident.
        if !self.failed || severity(status) > severity(self.status) {
            self.status = status;
            self.decided = self.link;
        }
    }
}

/// How much of the component's work a status prevents.
fn severity(status: NextStep) -> u32 {
    match status {
        NextStep::Continue => 0,
        NextStep::Skip | NextStep::Park => 1,
        NextStep::Drop => 2,
    }
}

/// Takes a callout's answer that is not CONTINUE.
#[cold]
#[inline(never)]
fn settle(frame: &mut Frame, answer: u32) {
    let result = guard(|| {
        if answer == FAILED {
            let message = frame.message.take().unwrap_or_else(|| "without a message".to_owned());
            frame.fail(&message);
            return;
        }
        match NextStep::from_raw(answer) {
            Some(status) if Statuses::from_bits(frame.point().statuses).contains(status) => frame.answer(status),
            _ => frame.fail(&format!("it answered the status {answer}, which the hook point does not honour")),
        }
    });
    if result.is_err() {
        // Only the log's subscriber can panic here; the failure stands all the same.
        frame.stand_for_failure(frame.on_failure());
    }
}

/// Unlinks the frame and hands its result over.
///
/// # Safety
///
/// `inner` must be alive and `frame` its innermost frame.
#[inline(always)]
unsafe fn finish(inner: *mut Inner, frame: &mut Frame) -> u32 {
    settle_parking(frame);
    // SAFETY: the caller's promise; the head, which others may read, is not touched.
    unsafe {
        (*inner).frame = frame.outer;
        (*inner).last = frame.status;
        (*inner).decided = frame.decided;
        if frame.parking.is_some() {
            (*inner).parked = frame.parking.take();
        }
    }
    frame.status as u32
}

/// A call is parked if that is its status and somebody holds a ticket; tickets of a call that is not parked mean nothing.
#[inline(always)]
fn settle_parking(frame: &mut Frame) {
    if frame.status == NextStep::Park || frame.parking.is_some() {
        settle_parking_slowly(frame);
    }
}

#[cold]
#[inline(never)]
fn settle_parking_slowly(frame: &mut Frame) {
    if frame.status != NextStep::Park {
        frame.parking = None;
    } else if frame.parking.is_none() {
        frame.link = frame.decided;
        frame.status = NextStep::Continue;
        let _ = guard(|| {
            frame.fail("it answered PARK without taking a ticket; call `handle.park()` first and keep the ticket")
        });
    }
}

/// The calls that are out of the ordinary: too deep, watched by an observer, or of a hook point without callouts here.
///
/// # Safety
///
/// As for `call`.
#[cold]
#[inline(never)]
unsafe fn call_rare(inner: *mut Inner, index: u32, chain: Option<&Chain>, depth: u32, arguments: *mut c_void) -> u32 {
    let point = match chain {
        Some(chain) => Some(Arc::clone(&chain.point)),
        None => registry::lock().info(index).cloned(),
    };
    let Some(point) = point else {
        let _ = guard(|| {
            tracing::error!(
                "a library calls a hook point that it knows in another form than this host; rebuild the library with the \
                 host's version of the interface crate"
            );
        });
        // No status has this number: the hook point's failure status is meant.
        return FAILED;
    };
    // SAFETY: the caller's promise.
    let outer = unsafe { (*inner).frame };
    let lent = Lent { point: Arc::as_ptr(&point), arguments };
    let mut frame = Frame::new(outer, depth, &lent);
    if depth >= MAX_DEPTH {
        let _ = guard(|| frame.fail(&format!("hook points are nested {MAX_DEPTH} deep within one request")));
        // SAFETY: `inner` is alive, and the frame stands for its innermost call though it was never linked.
        return unsafe { finish(inner, &mut frame) };
    }
    let frame = &raw mut frame;
    // SAFETY: as in `call`.
    unsafe { (*inner).frame = frame };
    // SAFETY: the instance outlives its handles.
    let observer = unsafe { (*(*inner).instance).observer() };
    let watched = Call { hook: &point.name, depth };
    let seen = Arguments::new(&lent, &instance::host_api().handle);
    let observe = |event: &dyn Fn(&dyn crate::observe::Observer)| {
        if let Some(observer) = &observer
            && let Err(message) = guard(|| event(&**observer))
        {
            let _ = guard(|| tracing::error!(hook = watched.hook, "the observer panicked: {message}"));
        }
    };
    observe(&|observer| observer.hook_begin(&watched, &seen));
    for link in chain.iter().flat_map(|chain| &chain.links) {
        // SAFETY: as in `call`.
        unsafe { (*frame).link = link };
        // SAFETY: as in `call`.
        let answer = unsafe { (link.thunk)(inner.cast(), arguments, link.state) };
        // SAFETY: as in `call`; the thunk has returned.
        let message = unsafe { (*frame).message.clone() };
        let result = match NextStep::from_raw(answer) {
            Some(NextStep::Continue) => CalloutResult::NoOpinion,
            Some(status) if Statuses::from_bits(point.statuses).contains(status) => CalloutResult::Status(status),
            Some(_) => CalloutResult::Failed("it answered a status that the hook point does not honour"),
            None => CalloutResult::Failed(message.as_deref().unwrap_or("without a message")),
        };
        if answer != NextStep::Continue as u32 {
            // SAFETY: as in `call`.
            settle(unsafe { &mut *frame }, answer);
        }
        observe(&|observer| observer.callout_end(&watched, &link.info, result, &seen));
    }
    // SAFETY: as in `call`.
    settle_parking(unsafe { &mut *frame });
    // SAFETY: as in `call`.
    let status = unsafe { (*frame).status };
    observe(&|observer| observer.hook_end(&watched, status, &seen));
    // It may be the last one, if a callout has replaced it, and its drop may panic.
    let _ = guard(|| drop(observer));
    // SAFETY: as in `call`.
    unsafe { finish(inner, &mut *frame) }
}

/// The innermost frame of a handle.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; the reference must not outlive the call
/// of the function that asks for it.
unsafe fn frame<'a>(head: *mut Head) -> Option<&'a mut Frame> {
    // SAFETY: the caller's promise; a linked frame lies on the stack of `call`, below whoever asks.
    unsafe { (*head.cast::<Inner>()).frame.as_mut() }
}

unsafe extern "C" fn failed(head: *mut Head, message: Text) {
    // SAFETY: called by a thunk with the handle that it was given.
    if let Some(frame) = unsafe { frame(head) } {
        // SAFETY: the thunk lends its text for this call.
        frame.message = Some(unsafe { message.get() }.into_owned());
    }
}

unsafe extern "C" fn lent(head: *mut Head) -> *const Lent {
    // SAFETY: called by a thunk with the head that it was given, so a call is going on.
    unsafe { (*(*head.cast::<Inner>()).frame).lent }
}

unsafe extern "C" fn argument(
    lent: *const Lent,
    name: Text,
    hash: &[u64; 2],
    mutable: bool,
    error: &mut Sink,
) -> Found {
    // SAFETY: `Arguments` is lent for the time of the call, and lends its name for this one.
    let (lent, name) = unsafe { (&*lent, name.get()) };
    let hash = u128::from(hash[0]) | u128::from(hash[1]) << 64;
    // SAFETY: the arguments are those of the hook point.
    match unsafe { arguments::find(&*lent.point, lent.arguments, &name, hash, mutable) } {
        Ok(pointer) => pointer,
        Err(text) => {
            error.write(&text);
            Found::NONE
        }
    }
}

unsafe extern "C" fn argument_names(lent: *const Lent, names: &mut Sink) {
    // SAFETY: as in `argument`.
    for argument in unsafe { &(*(*lent).point).arguments } {
        names.write(&argument.name);
        names.write("\n");
    }
}

unsafe extern "C" fn status(head: *mut Head) -> u32 {
    // SAFETY: `CalloutHandle` lends its own head.
    let (frame, last) = unsafe { (frame(head), (*head.cast::<Inner>()).last) };
    frame.map_or(last, |frame| frame.status) as u32
}

unsafe extern "C" fn set_status(head: *mut Head, status: u32, error: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { change_status(head, status, false, error) }
}

unsafe extern "C" fn override_failure(head: *mut Head, status: u32, error: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { change_status(head, status, true, error) }
}

/// # Safety
///
/// As for `frame`.
unsafe fn change_status(head: *mut Head, status: u32, overriding: bool, error: &mut Sink) -> bool {
    // SAFETY: the caller's promise.
    let Some(frame) = (unsafe { frame(head) }) else {
        error.write("the status can only be set while a callout runs");
        return false;
    };
    let honoured = Statuses::from_bits(frame.point().statuses);
    let Some(status) = NextStep::from_raw(status).filter(|&status| honoured.contains(status)) else {
        error.write(&format!("the hook point `{}` honours only {honoured}", frame.point().name));
        return false;
    };
    if frame.failed && !overriding {
        error.write("an earlier callout failed and its failure status stands; `override_failure` sets another one");
        return false;
    }
    frame.failed = false;
    frame.status = status;
    frame.decided = frame.link;
    true
}

unsafe extern "C" fn hook(head: *mut Head) -> Text {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { frame(head) }.map_or(Text::new(""), |frame| Text::new(&frame.point().name))
}

unsafe extern "C" fn library(head: *mut Head) -> Text {
    // SAFETY: `CalloutHandle` lends its own head.
    let names = unsafe { frame(head) }.and_then(|frame| frame.names());
    names.map_or(Text::new(""), |info| Text::new(info.library()))
}

unsafe extern "C" fn park(head: *mut Head, error: &mut Sink) -> *const c_void {
    // SAFETY: `CalloutHandle` lends its own head.
    let Some(frame) = (unsafe { frame(head) }) else {
        error.write("a call can only be parked by a callout while it runs");
        return ptr::null();
    };
    if !Statuses::from_bits(frame.point().statuses).contains(NextStep::Park) {
        error.write(&format!("the hook point `{}` does not honour PARK", frame.point().name));
        return ptr::null();
    }
    let parking = frame.parking.get_or_insert_with(Parking::new);
    Parking::ticket(parking)
}

unsafe extern "C" fn take_parked(head: *mut Head) -> *const c_void {
    // SAFETY: generated code asks right after a call, with the handle that it was given.
    match unsafe { (*head.cast::<Inner>()).parked.take() } {
        Some(parking) => Arc::into_raw(parking).cast(),
        None => ptr::null(),
    }
}

/// Who set the status of the last call.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses.
pub(crate) unsafe fn decided_by(head: *mut Head) -> Option<CalloutInfo> {
    // SAFETY: the caller's promise.
    let inner = unsafe { &*head.cast::<Inner>() };
    // SAFETY: the link belongs to the generation that the handle pins.
    unsafe { inner.decided.as_ref() }.map(|link| link.info.clone())
}
