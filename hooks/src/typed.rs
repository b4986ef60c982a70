//! What the compiler checks of a callout: each argument's mode and type, and what it returns. Also how a thunk runs it.
#![expect(unsafe_code, reason = "a thunk takes its arguments out of the struct that the host passes")]

use std::ffi::c_void;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;

use crate::abi::guard::guard;
use crate::abi::layout::{HookType, TypeLayout};
use crate::abi::point::HookPoint;
use crate::abi::record::PointRecord;
use crate::abi::{FAILED, Head, Text};
use crate::arguments::Arguments;
use crate::callout::Callout;
use crate::handle::CalloutHandle;
use crate::status::NextStep;

/// A declared hook point as a type.
///
/// # Safety
///
/// Only generated code implements it, for the hook point `RECORD` whose argument struct is `Args`, and whose [`Slot`]s carry `Self` and
/// are those of `OFFERED`.
pub unsafe trait Point: 'static {
    /// What is known of the hook point.
    const RECORD: &'static PointRecord;
    /// Its name.
    const NAME: &'static str = Self::RECORD.name;
    /// Its argument struct.
    type Args<'call>;
    /// Its [`Slot`]s, by the names of the arguments.
    type Offered;
    /// The slots, each under its own name. They are part of this trait so that nobody offers one of them under two names.
    const OFFERED: Self::Offered;
}

/// An argument of the hook point `P`: its mode and its type as types, and where it lies in the argument struct.
pub struct Slot<P, M, T> {
    offset: usize,
    point: PhantomData<fn() -> P>,
    mode: PhantomData<fn() -> M>,
    ty: PhantomData<fn() -> T>,
}

// Not derived: that would demand as much of the types, of which there is one for each hook point.
impl<P, M, T> fmt::Debug for Slot<P, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl<P, M, T> Slot<P, M, T> {
    /// The argument at `offset`.
    ///
    /// # Safety
    ///
    /// At this offset the argument struct of `P` must hold a `&T`, a `&mut T` or a `T`, as `M` says.
    pub const unsafe fn new(offset: usize) -> Self {
        Slot { offset, point: PhantomData, mode: PhantomData, ty: PhantomData }
    }

    /// Where it lies in the argument struct, in bytes.
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

/// The mode `&T`.
#[derive(Debug)]
pub enum Ref {}
/// The mode `&mut T`.
#[derive(Debug)]
pub enum Mut {}
/// The mode by value.
#[derive(Debug)]
pub enum Value {}

/// The hook point lends the argument by reference, so that a callout may take `&T`.
///
/// # Safety
///
/// Implemented here only: what is taken out of an argument struct rests on it.
#[diagnostic::on_unimplemented(
    message = "the hook point passes this argument by value",
    label = "taken by reference here",
    note = "write `{T}`, without `&`"
)]
pub unsafe trait LentByReference<T> {}
// SAFETY: `&T` can be taken as `&T`.
unsafe impl<T> LentByReference<T> for Ref {}
// SAFETY: `&mut T` can be taken as `&T`.
unsafe impl<T> LentByReference<T> for Mut {}

/// The hook point lends the argument as `&mut T`.
///
/// # Safety
///
/// Implemented here only: what is taken out of an argument struct rests on it.
#[diagnostic::on_unimplemented(
    message = "the hook point does not lend this argument for writing",
    label = "taken as `&mut` here",
    note = "write `&{T}`, or `{T}` if it is passed by value; only what the hook point declares as `&mut` can be changed"
)]
pub unsafe trait LentForWriting<T> {}
// SAFETY: `&mut T` can be taken as `&mut T`.
unsafe impl<T> LentForWriting<T> for Mut {}

/// The hook point passes the argument by value.
///
/// # Safety
///
/// Implemented here only: what is taken out of an argument struct rests on it.
#[diagnostic::on_unimplemented(
    message = "the hook point lends this argument by reference",
    label = "taken by value here",
    note = "write `&{T}`, or `&mut {T}` if the hook point declares it so"
)]
pub unsafe trait PassedByValue<T> {}
// SAFETY: a `Scalar` is `Copy`, so its bytes can be copied out.
unsafe impl<T: Scalar> PassedByValue<T> for Value {}

/// The type of an argument is this one.
///
/// # Safety
///
/// Implemented here only: what is taken out of an argument struct rests on it.
#[diagnostic::on_unimplemented(
    message = "the hook point's argument is of type `{Self}`, not `{T}`",
    label = "taken as `{T}` here",
    note = "a callout takes each argument with its exact type: write `{Self}`"
)]
pub unsafe trait Is<T: ?Sized> {}
// SAFETY: it is the same type.
unsafe impl<T: ?Sized> Is<T> for T {}

/// Takes an argument as `&W`.
///
/// # Safety
///
/// `arguments` must be the argument struct of the slot's hook point, alive for `'call`, and nobody may write the argument.
#[inline(always)]
pub unsafe fn take_ref<'call, P: Point, W, M: LentByReference<T>, T: Is<W>>(
    slot: &Slot<P, M, T>,
    arguments: *mut c_void,
) -> &'call W {
    // SAFETY: by the slot's promise there is a reference to a `T` at this offset, and `T` is `W`.
    unsafe { *arguments.byte_add(slot.offset).cast::<&'call W>() }
}

/// Takes an argument as `&mut W`.
///
/// # Safety
///
/// As for [`take_ref`], and the argument is taken once.
#[inline(always)]
pub unsafe fn take_mut<'call, P: Point, W, M: LentForWriting<T>, T: Is<W>>(
    slot: &Slot<P, M, T>,
    arguments: *mut c_void,
) -> &'call mut W {
    // SAFETY: by the slot's promise there is a mutable reference to a `T` at this offset, and `T` is `W`.
    unsafe { &mut **arguments.byte_add(slot.offset).cast::<*mut W>() }
}

/// Takes an argument as `W`.
///
/// # Safety
///
/// As for [`take_ref`].
#[inline(always)]
pub unsafe fn take_value<P: Point, W, M: PassedByValue<T>, T: Is<W>>(
    slot: &Slot<P, M, T>,
    arguments: *mut c_void,
) -> W {
    // SAFETY: by the slot's promise there is a `T` at this offset, `T` is `W`, and a `Scalar`, hence `Copy`.
    unsafe { arguments.byte_add(slot.offset).cast::<W>().read() }
}

/// The layout of a type that is lent.
pub const fn layout_of<T: HookType>() -> &'static TypeLayout {
    T::LAYOUT
}

/// The layout of a type that is passed by value.
pub const fn layout_of_scalar<T: Scalar>() -> &'static TypeLayout {
    T::LAYOUT
}

/// A type that a hook point may pass by value.
#[diagnostic::on_unimplemented(
    message = "a hook point cannot pass `{Self}` by value",
    label = "not a number, `bool` or `char`",
    note = "lend it: write `&{Self}` or `&mut {Self}`"
)]
pub trait Scalar: Copy + HookType {}

macro_rules! scalar {
    ($($ty:ident)*) => {$(impl Scalar for $ty {})*};
}
scalar!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);

/// A hook point that honours all four statuses.
#[diagnostic::on_unimplemented(
    message = "`hooks::NextStep` has statuses that this hook point does not honour",
    label = "this hook point does not honour all four statuses",
    note = "return the hook point's own type: `the_hook_point::NextStep`"
)]
pub trait HonoursAll {}

/// What a callout of the hook point `P` may return.
#[diagnostic::on_unimplemented(
    message = "a callout of this hook point cannot return `{Self}`",
    label = "not an answer for this hook point",
    note = "return nothing, the hook point's own `NextStep`, or a `Result` of either with an error that can be displayed"
)]
pub trait Answer<P>: Sized {
    /// How the answer is found.
    type Way: Way<Self>;
}

/// How an answer `A` is found. What hook points generate has no function of its own for that, because the compiler takes long for each.
pub trait Way<A> {
    /// The status's number, or the text of an error.
    fn answer(answer: A) -> Result<u32, String>;
}

/// The answer is a [`Numbered`] status.
#[derive(Debug)]
pub enum ByNumber {}

impl<A: Numbered> Way<A> for ByNumber {
    #[inline(always)]
    fn answer(answer: A) -> Result<u32, String> {
        Ok(answer.number())
    }
}

/// The statuses of a hook point.
///
/// # Safety
///
/// It must be an enum without fields and with `repr(u32)`, whose numbers are those of [`NextStep`].
pub unsafe trait Numbered: Sized {
    /// The number of the status.
    #[inline(always)]
    fn number(self) -> u32 {
        // SAFETY: it has the size and the alignment of its number, and is nothing else.
        unsafe { *ptr::from_ref(&self).cast::<u32>() }
    }
}

// SAFETY: it is such an enum.
unsafe impl Numbered for NextStep {}

impl<P> Answer<P> for () {
    type Way = Nothing;
}

/// The answer says nothing.
#[derive(Debug)]
pub enum Nothing {}

impl Way<()> for Nothing {
    #[inline(always)]
    fn answer((): ()) -> Result<u32, String> {
        Ok(NextStep::Continue as u32)
    }
}

impl<P: HonoursAll> Answer<P> for NextStep {
    type Way = ByNumber;
}

#[diagnostic::do_not_recommend]
impl<P, T: Answer<P>, E: Display> Answer<P> for Result<T, E> {
    type Way = OrError<T::Way>;
}

/// The answer may be an error in place of what is found in the way `W`.
#[derive(Debug)]
pub struct OrError<W>(PhantomData<W>);

impl<T, E: Display, W: Way<T>> Way<Result<T, E>> for OrError<W> {
    #[inline(always)]
    fn answer(answer: Result<T, E>) -> Result<u32, String> {
        match answer {
            Ok(answer) => W::answer(answer),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Turns what a callout of the hook point `P` returned into a status's number.
#[inline(always)]
pub fn answer<P, R: Answer<P>>(returned: R) -> Result<u32, String> {
    R::Way::answer(returned)
}

/// The hook point of a callout that is attached by name: any.
#[derive(Debug)]
pub enum AnyHook {}
impl HonoursAll for AnyHook {}

/// The answer of a hook point that can be bound to a function: one that does not honour PARK.
#[diagnostic::on_unimplemented(
    message = "a function cannot be a hook point that honours PARK",
    label = "this hook point honours PARK",
    note = "nobody could run the function's body later: use `the_hook_point::call` where the request can be put aside"
)]
pub trait FunctionAnswer: Numbered {
    /// What the function does.
    #[inline]
    fn next_step(self) -> NextStep {
        match self.number() {
            1 => NextStep::Skip,
            2 => NextStep::Drop,
            _ => NextStep::Continue,
        }
    }
}

/// A callout of the hook point `P` made of a closure, which is lent all arguments.
///
/// # Safety
///
/// `point` must be the static of `P`.
#[track_caller]
pub unsafe fn closure_callout<P, F, R>(point: &'static HookPoint, callout: F) -> Callout
where
    P: Point,
    F: for<'call> Fn(&mut CalloutHandle<'_>, P::Args<'call>) -> R + Send + Sync + 'static,
    R: Answer<P>,
{
    unsafe extern "C" fn thunk<P, F, R>(head: *mut Head, arguments: *mut c_void, state: *const c_void) -> u32
    where
        P: Point,
        F: for<'call> Fn(&mut CalloutHandle<'_>, P::Args<'call>) -> R,
        R: Answer<P>,
    {
        // SAFETY: the host calls it with the head of the call's handle, the argument struct of this hook point and the closure,
        // which it keeps. The struct is read once, and what it lends is not used beside the copy.
        unsafe {
            run(head, || {
                let callout = &*state.cast::<F>();
                let taken = arguments.cast::<P::Args<'_>>().read();
                lend_handle(head, |handle| answer::<P, R>(callout(handle, taken)))
            })
        }
    }
    // SAFETY: the thunk takes the arguments of this hook point and the closure that is given here.
    unsafe { Callout::closure(P::NAME, Some(point), thunk::<P, F, R>, callout) }
}

/// Runs a callout and turns what it returns, or its panic, into a number.
///
/// # Safety
///
/// `head` must be the head that the thunk was given.
#[inline(always)]
pub unsafe fn run(head: *mut Head, callout: impl FnOnce() -> Result<u32, String>) -> u32 {
    match guard(callout) {
        Ok(Ok(status)) if status < FAILED => status,
        // Numbers above mean something else between a thunk and its host.
        // SAFETY: the caller's promise.
        Ok(Ok(status)) => unsafe { unknown(head, status) },
        // SAFETY: the caller's promise.
        Ok(Err(message)) | Err(message) => unsafe { failed(head, message) },
    }
}

// These two are apart, because `run` is compiled once for each callout.

#[cold]
#[inline(never)]
unsafe fn unknown(head: *mut Head, status: u32) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { failed(head, format!("it answered the unknown status {status}")) }
}

#[cold]
#[inline(never)]
unsafe fn failed(head: *mut Head, message: String) -> u32 {
    // SAFETY: the head is alive while the thunk runs.
    let api = unsafe { &(*head).api.handle };
    // SAFETY: as above; the message is lent for this call.
    unsafe { (api.failed)(head, Text::new(&message)) };
    FAILED
}

/// Lends the handle of the call to `callout`.
///
/// # Safety
///
/// `head` must be the head that the thunk was given.
#[inline(always)]
pub unsafe fn lend_handle<R>(head: *mut Head, callout: impl for<'lent> FnOnce(&mut CalloutHandle<'lent>) -> R) -> R {
    // SAFETY: the owner keeps the handle; this copy is never dropped, and its lifetime is known to nobody.
    let mut handle = ManuallyDrop::new(unsafe { CalloutHandle::from_head(head) });
    callout(&mut handle)
}

/// Lends the arguments of the call to `callout`.
///
/// # Safety
///
/// `head` must be the head that the thunk was given, and the thunk takes no argument in another way.
#[inline(always)]
pub unsafe fn lend_arguments<R>(head: *mut Head, callout: impl for<'call> FnOnce(&mut Arguments<'call>) -> R) -> R {
    // SAFETY: the head is alive while the thunk runs.
    let api = unsafe { &(*head).api.handle };
    // SAFETY: a call is going on, whose callout this thunk runs.
    let lent = unsafe { (api.lent)(head) };
    callout(&mut Arguments::new(lent, api))
}

/// Runs a body that became a closure; one that is known to run once may move out what it holds.
#[inline(always)]
pub fn result_of<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Gives a future's output a name, so that `?` works in a block that becomes one.
pub fn future_of<R, F: Future<Output = R>>(future: F) -> F {
    future
}
