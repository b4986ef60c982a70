//! Whether the hook libraries of a configuration can be used, without running any of their code.

use hooks::Hooks;

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
        let problem = |(index, library): (usize, &Library)| {
            let (_, error) = hooks.validate_libraries(&[library.to_load()]).pop()?;
            let path = format!("Dhcp4.hooks-libraries[{index}].library");
            Some(ConfigProblem { place: Some(library.place), path, text: error.to_string() })
        };
        let problems: Vec<ConfigProblem> = self.libraries.iter().enumerate().filter_map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { file: self.file.clone(), problems }) }
    }
}
