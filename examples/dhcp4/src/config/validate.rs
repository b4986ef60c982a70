//! Whether the hook libraries of a configuration can be used, without running any of their code.

use std::fs;

use hooks::Source;

use super::{Config, ConfigError, ConfigProblem};

impl Config {
    /// Checks the hook libraries: that there is such a file. No library is opened and none of its code runs.
    ///
    /// # Errors
    ///
    /// All libraries that cannot be used, each with the place at which the configuration names it.
    pub fn check_libraries(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        for (index, library) in self.libraries.iter().enumerate() {
            let Source::File(path) = &library.source else { continue };
            let text = match fs::metadata(path) {
                Ok(found) if found.is_file() => continue,
                Ok(_) => format!("{} is not a regular file; expected a shared library", path.display()),
                Err(error) => format!("the library {} cannot be found: {error}", path.display()),
            };
            let path = format!("Dhcp4.hooks-libraries[{index}].library");
            problems.push(ConfigProblem { place: Some(library.place), path, text });
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { file: self.file.clone(), problems }) }
    }
}
