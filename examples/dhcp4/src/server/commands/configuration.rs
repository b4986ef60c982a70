//! `config-get`, `config-test`, `config-set`, `config-reload`, `config-write`.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{NoArguments, either};
use crate::{
    channel::{Answer, Command},
    config::Config,
    server::{
        Server, ServerError,
        change::{Change, Goal, PreparedChange, Ready},
    },
};

/// The configuration in use.
pub(super) fn get(server: &mut Server, command: &Command) -> Answer {
    either(
        command
            .read::<NoArguments>()
            .map(|NoArguments {}| Answer::success("the configuration in use").with(in_use(server))),
    )
}

/// Checks the configuration in the arguments, without using it and without a trace.
pub(super) fn test(server: &Server, command: &Command) -> Result<Change, Answer> {
    given(server, command, Goal::Test)
}

/// Uses the configuration in the arguments; if that fails, nothing has changed.
pub(super) fn set(server: &Server, command: &Command) -> Result<Change, Answer> {
    given(server, command, Goal::Set)
}

/// Reads the file of the configuration again; if that fails, nothing has changed.
pub(super) fn reload(server: &Server, command: &Command) -> Result<Change, Answer> {
    let NoArguments {} = command.read()?;
    server.reading_again().map_err(stays)
}

/// The answer to a command whose change has been prepared, when that is used or has failed.
pub(super) fn finish(server: &mut Server, change: PreparedChange) -> Answer {
    let PreparedChange { goal, result } = change;
    match result {
        Ok(Ready::Checked(config)) => {
            let restart = config.lease_database != server.engine.config().lease_database;
            let hint = if restart { "; its `lease-database` is another one, so it needs a restart" } else { "" };
            Answer::success(format!("the configuration is good{hint}"))
        }
        Ok(Ready::ToTake(config, libraries)) => match server.take(*config, libraries) {
            Ok(()) if goal == Goal::Set => {
                Answer::success("the new configuration is in use; config-write makes it last")
            }
            Ok(()) => Answer::success("the new configuration is in use"),
            Err(error) => stays(error),
        },
        Err(ServerError::Config(error)) if goal != Goal::Reload => Answer::error(error.of("arguments")),
        Err(error) => stays(error),
    }
}

fn stays(error: ServerError) -> Answer {
    Answer::error(format!("the old configuration stays in use: {error}"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteArguments {
    filename: Option<String>,
}

/// Writes the configuration in use to its file, or to another one beside it.
pub(super) fn write(server: &mut Server, command: &Command) -> Answer {
    either(command.read().map(|WriteArguments { filename }| {
        let Some(path) = target(server.file.as_deref(), filename.as_deref()) else {
            return Answer::error(match filename {
                Some(name) => format!(
                    "config-write: `arguments.filename`: expected the name of a file in the directory of the configuration, \
                     found \"{name}\""
                ),
                None => "config-write: the server was started without a file".to_owned(),
            });
        };
        if server.file.as_ref() != Some(&path) && !is_free(&path) {
            return Answer::error(format!(
                "config-write: {}: there is another file that is no configuration; name another one, or remove it",
                path.display()
            ));
        }
        match replace(&path, &in_use(server)) {
            Ok(size) => {
                let text = format!("the configuration was written to {}; comments are not part of it", path.display());
                Answer::success(text).with(json!({"filename": path, "size": size}))
            }
            Err(error) => Answer::error(format!("config-write: {}: {error}; the file is as it was", path.display())),
        }
    }))
}

fn in_use(server: &Server) -> Value {
    // It has been parsed when it was taken.
    serde_json::from_str(&server.engine.config().json).unwrap_or_default()
}

/// What is to become of the configuration in the arguments.
fn given(server: &Server, command: &Command, goal: Goal) -> Result<Change, Answer> {
    let Some(arguments) = &command.arguments else {
        return Err(Answer::error(format!("{}: expected the configuration in `arguments`", command.name)));
    };
    let file = server.engine.config().file.clone();
    Ok(server.change(goal, Some(arguments.get().to_owned()), file))
}

/// The file to write: that of the server, or one beside it.
fn target(file: Option<&Path>, name: Option<&str>) -> Option<PathBuf> {
    let file = file?;
    let Some(name) = name else { return Some(file.to_owned()) };
    let is_bare = !name.is_empty() && !name.contains('/') && !matches!(name, "." | "..");
    is_bare.then(|| file.with_file_name(name))
}

/// Whether a configuration may be written there: the leases, or a library, may lie beside the configuration.
fn is_free(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Ok(found) => found.is_file() && fs::read_to_string(path).is_ok_and(|text| Config::is_meant_by(&text)),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Writes a new file and puts it in the place of the old one, so that there is a whole one at any time.
fn replace(path: &Path, config: &Value) -> io::Result<usize> {
    let mut text = serde_json::to_string_pretty(config)?;
    text.push('\n');
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(directory)?.sync_all()?;
    Ok(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_beside_the_configuration_are_written() {
        let file = Some(Path::new("/etc/dhcp4/dhcp4.json"));
        assert_eq!(target(file, None).as_deref(), file);
        assert_eq!(target(file, Some("next.json")).as_deref(), Some(Path::new("/etc/dhcp4/next.json")));
        for name in ["", ".", "..", "../x", "/etc/passwd", "a/b"] {
            assert_eq!(target(file, Some(name)), None, "{name}");
        }
        assert_eq!((target(None, None), target(None, Some("x"))), (None, None));
    }

    #[test]
    fn only_configurations_are_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let cases =
            [("old", "// mine\n{\"Dhcp4\": {}}", true), ("leases", "{\"address\":1}\n", false), ("empty", "", false)];
        for (name, text, expected) in cases {
            fs::write(path(name), text).unwrap();
            assert_eq!(is_free(&path(name)), expected, "{name}");
        }
        fs::write(path("binary"), [0xff, 0]).unwrap();
        std::os::unix::fs::symlink(path("old"), path("link")).unwrap();
        assert!(is_free(&path("new")) && !is_free(&path("binary")) && !is_free(&path("link")) && !is_free(&path(".")));
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dhcp4.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let size = replace(&path, &json!({"Dhcp4": {}})).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!((text.len(), serde_json::from_str::<Value>(&text).unwrap()), (size, json!({"Dhcp4": {}})));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(replace(&directory.path().join("nowhere/x"), &json!({})).is_err());
    }
}
