//! The hook points of the process: by name and by index, declared or registered at run time, and those of commands.

use std::panic::Location;

use super::Hooks;
use crate::command::{Command, Response, command_callout, command_to_hook_name, hook_to_command_name, is_command};
use crate::error::{Error, Kind};
use crate::handle::CalloutHandle;
use crate::hook_index::HookIndex;
use crate::hook_point_info::HookPointInfo;
use crate::host;
use crate::registry;
use crate::status::NextStep;

impl Hooks {
    /// Registers a hook point that is known late, without declared arguments; the reference's `registerHook`.
    ///
    /// It honours all four statuses; a callout that fails counts as DROP. It is called with
    /// [`CalloutHandle::call_callouts`]. The same place in the source may register it again, and gets the same index.
    ///
    /// # Errors
    ///
    /// If the name is empty, reserved, or taken by a hook point that is declared or registered elsewhere: both places are named.
    /// (The reference's guide promises this too; its code returns the index that is there.)
    ///
    /// ```
    /// let hooks = hooks::Hooks::new();
    /// let index = hooks.register_hook("cache_flushed")?;
    /// assert_eq!(hooks.hook_index("cache_flushed")?, index);
    /// assert_eq!(hooks.hook_name(index)?, "cache_flushed");
    /// assert!(hooks.register_hook("cache_flushed").unwrap_err().to_string().contains("is registered twice"));
    /// # Ok::<(), hooks::Error>(())
    /// ```
    #[track_caller]
    pub fn register_hook(&self, name: &str) -> Result<HookIndex, Error> {
        let place = Location::caller();
        let index = registry::lock().register(name, place.file(), place.line());
        index.map(HookIndex).map_err(|text| Error::new(Kind::HookPoint, text))
    }

    /// The index of the hook point `name`.
    ///
    /// # Errors
    ///
    /// If there is no such hook point.
    pub fn hook_index(&self, name: &str) -> Result<HookIndex, Error> {
        let registry = registry::lock();
        let index = registry.find(name).map(|(index, _)| HookIndex(index));
        index.ok_or_else(|| Error::new(Kind::HookPoint, registry.unknown(name)))
    }

    /// The index of the hook point `name`, or nothing; the reference's `findIndex`.
    pub fn find_hook_index(&self, name: &str) -> Option<HookIndex> {
        registry::lock().find(name).map(|(index, _)| HookIndex(index))
    }

    /// The name of the hook point `index`.
    ///
    /// # Errors
    ///
    /// If there is no such hook point.
    pub fn hook_name(&self, index: HookIndex) -> Result<String, Error> {
        let registry = registry::lock();
        let name = registry.info(index.0).map(|point| point.name.clone());
        name.ok_or_else(|| Error::new(Kind::HookPoint, format!("the hook index {index} is not known")))
    }

    /// The names of all hook points that this process knows, in the order of their indexes.
    pub fn hook_names(&self) -> Vec<String> {
        registry::lock().names()
    }

    /// The number of hook points that this process knows.
    pub fn hook_count(&self) -> usize {
        registry::lock().len()
    }

    /// What the hook point `name` is: its documentation, arguments, statuses, and where it is declared.
    ///
    /// # Errors
    ///
    /// If there is no such hook point.
    ///
    /// ```
    /// hooks::declare_hooks! {
    ///     /// A frame has arrived.
    ///     pub hook frame_arrived(bytes: &mut Vec<u8>, port: u16) -> [Continue, Drop];
    /// }
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let info = hooks::Hooks::new().hook_point_info("frame_arrived")?;
    /// assert_eq!(info.documentation, "A frame has arrived.");
    /// let arguments: Vec<_> = info.arguments.iter().map(ToString::to_string).collect();
    /// assert_eq!(arguments, ["bytes: &mut Vec<u8>", "port: u16"]);
    /// assert_eq!(info.on_failure, hooks::NextStep::Drop);
    /// # Ok(())
    /// # }
    /// ```
    pub fn hook_point_info(&self, name: &str) -> Result<HookPointInfo, Error> {
        let registry = registry::lock();
        let found = registry.find(name).map(|(_, point)| HookPointInfo::new(point, registry::details(name)));
        found.ok_or_else(|| Error::new(Kind::HookPoint, registry.unknown(name)))
    }

    /// Whether callouts are attached to the hook point `index` now; the reference's `calloutsPresent`.
    ///
    /// A request sees the libraries that were loaded when its handle was made: it asks the hook point's own
    /// `callouts_present` with the handle.
    ///
    /// # Errors
    ///
    /// If there is no such hook point.
    pub fn callouts_present(&self, index: HookIndex) -> Result<bool, Error> {
        self.hook_name(index)?;
        let _control = self.lock();
        Ok(self.shared.instance.current().chains.has_callouts(index.0))
    }

    /// Whether a library handles the command `command`; the reference's `commandHandlersPresent`.
    pub fn command_handlers_present(&self, command: &str) -> bool {
        let index = self.find_hook_index(&command_to_hook_name(command));
        index.is_some_and(|index| self.callouts_present(index).unwrap_or(false))
    }

    /// The commands that libraries handle, sorted.
    pub fn commands(&self) -> Vec<String> {
        let points = {
            let _control = self.lock();
            self.shared.instance.current().chains.attached_points()
        };
        let mut commands: Vec<_> =
            points.iter().filter(|point| is_command(point)).map(|point| hook_to_command_name(point)).collect();
        commands.sort_unstable();
        commands
    }

    /// Lets the libraries that `handle` sees handle `command`; the reference's `callCommandHandlers`.
    ///
    /// Several may handle one command; they run in their order, and the last one that sets the response has the last word. If a
    /// handler fails and nobody answers, the response says so (result 1).
    ///
    /// # Errors
    ///
    /// If no library has ever registered a handler for it.
    ///
    /// ```
    /// use hooks::{Command, Response, command_callout};
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let hooks = hooks::Hooks::new();
    /// let echo = command_callout::callout(|_, arguments| arguments.response.set(0, arguments.command.name()));
    /// hooks.pre_callouts_library_handle().register_command_callout("echo-name", &echo)?;
    /// assert!(hooks.command_handlers_present("echo-name"));
    /// let mut response = Response::default();
    /// hooks.call_command_handlers(&mut hooks.handle(), &Command::new("echo-name", ""), &mut response)?;
    /// assert_eq!(response.json(), Some(r#"{"result":0,"text":"echo-name"}"#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_command_handlers(
        &self,
        handle: &mut CalloutHandle<'_>,
        command: &Command,
        response: &mut Response,
    ) -> Result<NextStep, Error> {
        let index = self.hook_index(&command_to_hook_name(command.name())).map_err(|_| {
            Error::new(Kind::HookPoint, format!("no library has a handler for the command `{}`", command.name()))
        })?;
        let mut arguments = command_callout::Args { command, response };
        let _ = host::take_last_failure();
        #[expect(unsafe_code, reason = "passes the argument struct to the callouts")]
        // SAFETY: the hook points of commands have these arguments, whose references live until the call has returned.
        let status = unsafe { command_callout::POINT.call_at(handle, index.0, (&raw mut arguments).cast()) };
        if let Some(failure) = host::take_last_failure()
            && response.json().is_none()
        {
            response.set(1, format!("command `{}`: {failure}", command.name()));
        }
        Ok(NextStep::from_raw(status).unwrap_or_default())
    }
}
