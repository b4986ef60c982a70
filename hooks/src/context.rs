//! The two hook points that the framework calls itself, around each request.
#![expect(unsafe_code, reason = "the declaration expands to statics with a link section of this very crate")]

crate::declare_hooks! {
    /// A callout handle has been made: callouts may prepare their library's context for the request. As in the reference.
    ///
    /// The status is not looked at. A callout that fails counts as CONTINUE.
    ///
    /// ```
    /// # struct Clock;
    /// # impl hooks::Plugin for Clock {
    /// #     type Parameters = hooks::NoParameters;
    /// #     fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> { Ok(Clock) }
    /// # }
    /// use std::time::Instant;
    ///
    /// #[hooks::callout(hooks::context_create)]
    /// fn begin(handle: &mut hooks::CalloutHandle) {
    ///     handle.set_context("began", Instant::now());
    /// }
    ///
    /// #[hooks::callout(hooks::context_destroy)]
    /// fn end(handle: &mut hooks::CalloutHandle) -> Result<(), hooks::Error> {
    ///     let began = *handle.context::<Instant>("began")?;
    ///     println!("{:?}", began.elapsed());
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub hook context_create() -> [Continue], on_failure = Continue;

    /// A callout handle is about to go: its contexts and arguments are still there. As in the reference.
    ///
    /// The status is not looked at. A callout that fails counts as CONTINUE.
    pub hook context_destroy() -> [Continue], on_failure = Continue;
}
