//! Whether the hook libraries of a configuration can be used.

use hooks::{Error, Hooks, LibraryConfig, Prepared};

use super::{Config, ConfigError, ConfigProblem, Library};

impl Config {
    /// Checks the hook libraries by what their files say: that they are libraries for the hook points of this program.
    ///
    /// No library is opened and none of its code runs, so what a library thinks of its parameters is not known.
    ///
    /// # Errors
    ///
    /// All libraries that cannot be used, each with the place at which the configuration names it.
    pub fn check_libraries(&self, hooks: &Hooks) -> Result<(), ConfigError> {
        hooks.set_library_policy(self.library_paths.policy());
        // All at once: one may use hook points that another brings along.
        let failing = hooks.validate_libraries(&self.to_load());
        let problems: Vec<ConfigProblem> = failing.iter().map(|(_, error)| self.problem(error)).collect();
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { file: self.file.clone(), problems }) }
    }

    /// Reads, checks and opens the hook libraries, so that the engine only has to load them.
    ///
    /// # Errors
    ///
    /// As [`Config::check_libraries`]; also the first library that cannot be opened.
    pub fn prepare_libraries(&self, hooks: &Hooks) -> Result<Prepared, ConfigError> {
        hooks.set_library_policy(self.library_paths.policy());
        hooks.prepare(self.to_load()).map_err(|error| match self.check_libraries(hooks) {
            Err(all) => all,
            Ok(()) => ConfigError { file: self.file.clone(), problems: vec![self.problem(&error)] },
        })
    }

    /// The hook libraries as `hooks` loads them.
    pub(crate) fn to_load(&self) -> Vec<LibraryConfig> {
        self.libraries.iter().map(Library::to_load).collect()
    }

    fn problem(&self, error: &Error) -> ConfigProblem {
        let library = error.position().and_then(|position| Some((position, self.libraries.get(position)?)));
        let path = library.map_or("Dhcp4.hooks-libraries".to_owned(), |(position, _)| {
            format!("Dhcp4.hooks-libraries[{position}].library")
        });
        ConfigProblem { place: library.map(|(_, library)| library.place), path, text: error.to_string() }
    }
}
