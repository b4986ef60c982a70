//! The files of the plugins, and copies of them.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::{env, fs, io};

use hooks::{LibraryConfig, Source};
use tempfile::TempDir;

/// The file of the plugin `name`: Cargo puts it beside the program, or into the folder `deps` there.
///
/// # Errors
///
/// If it is in neither place.
pub fn library(name: &str) -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let file = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_"));
    let folder = program.parent().unwrap_or(&program);
    let places = [folder.join(&file), folder.join("deps").join(&file)];
    places.iter().find(|place| place.is_file()).cloned().ok_or_else(|| {
        let what = format!(
            "the library `{file}` is neither in `{}` nor in its folder `deps`: build the package `{name}`",
            folder.display()
        );
        io::Error::new(io::ErrorKind::NotFound, what)
    })
}

/// A folder with copies of libraries, removed when it is dropped.
#[derive(Debug)]
pub struct Files {
    folder: TempDir,
}

impl Files {
    /// An empty folder.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn new() -> io::Result<Files> {
        Ok(Files { folder: tempfile::Builder::new().prefix("hooks-benches-").tempdir()? })
    }

    /// `count` libraries of the plugin `name`, each a file and an image of its own: the second and the others are copies whose
    /// bytes differ behind the end.
    ///
    /// # Errors
    ///
    /// If the plugin's file is not there, or a copy cannot be made.
    pub fn copies(&self, name: &str, count: usize) -> io::Result<Vec<LibraryConfig>> {
        Ok(self.paths(name, count)?.into_iter().map(|path| LibraryConfig::new(Source::File(path))).collect())
    }

    /// The files of [`Self::copies`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn paths(&self, name: &str, count: usize) -> io::Result<Vec<PathBuf>> {
        let original = library(name)?;
        let bytes = fs::read(&original)?;
        let mut paths = vec![original];
        for number in 1..count {
            let path = self.folder.path().join(format!("{DLL_PREFIX}{}_{number}{DLL_SUFFIX}", name.replace('-', "_")));
            if !path.is_file() {
                let mut copy = bytes.clone();
                copy.extend_from_slice(format!("copy {number}").as_bytes());
                fs::write(&path, copy)?;
            }
            paths.push(path);
        }
        paths.truncate(count);
        Ok(paths)
    }
}
