//! Compares the libraries of a list with the server, or with each other, as a load would do it.

use std::path::{Path, PathBuf};

use super::super::Check;
use super::config::Entry;
use super::host::Host;
use super::report::{LibraryReport, Report};
use crate::abi::info::{CalloutRecordInfo, PointInfo};
use crate::c;
use crate::failure;
use crate::inspect::{self, FileKind, LibraryFile};
use crate::library::binary::Binary;
use crate::library::file::{self, Described};
use crate::library::{Source, image, read};
use crate::registry::{COMMAND_CALLOUT, Registry, nearest};

/// A library with whose hook points the following ones are compared.
struct Known {
    name: String,
    host: Option<crate::abi::info::BuildInfo>,
    registry: Registry,
}

/// One list that is being checked.
struct Checking<'a> {
    host: Option<&'a Host>,
    /// What the following libraries have to fit: the server, which knows the hook points of the libraries so far as well; or, one
    /// by one, the libraries so far.
    known: Vec<Known>,
    report: &'a mut Report,
}

/// Checks the libraries of a list in their order.
pub(super) fn check(list: &[Entry], arguments: &Check, host: Option<&Host>, report: &mut Report) {
    let known = host.map(|host| Known {
        name: "the host".to_owned(),
        host: host.build().cloned(),
        registry: Registry::of(host.records.points.clone()),
    });
    let mut checking = Checking { host, known: known.into_iter().collect(), report };
    let mut earlier: Vec<(&Entry, String)> = Vec::new();
    for entry in list {
        let mut library =
            LibraryReport { path: entry.path.clone(), library: entry.library.clone(), ..LibraryReport::default() };
        let identity = match &entry.source {
            Source::Builtin(name) => {
                checking.built_in(entry, name, &mut library);
                Some(entry.library.clone())
            }
            Source::File(path) => {
                let path = find(path, arguments);
                library.file = Some(path.clone());
                checking.file(entry, &path, &mut library);
                library.sha256.clone()
            }
        };
        checking.report.libraries.push(library);
        let Some(identity) = identity else { continue };
        let same = |(other, same): &&(&Entry, String)| *same == identity && other.parameters == entry.parameters;
        if let Some((other, _)) = earlier.iter().find(same) {
            let text = format!(
                "the same library with the same parameters is there already, as {}: all of its callouts run twice; remove one of them",
                other.path
            );
            checking.warning(entry, text);
        }
        earlier.push((entry, identity));
    }
    // What a policy is for may be a hook point of a library that stands later.
    list.iter().for_each(|entry| checking.failure_policy(entry));
}

/// Where the library is: one that is named without `/` in the first folder that has it, all others from the configuration's on.
fn find(path: &Path, arguments: &Check) -> PathBuf {
    let folder = arguments.config.parent().unwrap_or(Path::new(""));
    let is_bare = path.components().count() == 1 && path.file_name().is_some();
    let folders = arguments.library_path.iter().filter(|_| is_bare).map(|folder| folder.join(path));
    folders.into_iter().find(|path| path.exists()).unwrap_or_else(|| folder.join(path))
}

impl Checking<'_> {
    fn built_in(&mut self, entry: &Entry, name: &str, library: &mut LibraryReport) {
        if let Some((_, place)) = &entry.sha256 {
            let text = "a plugin that is compiled in has no file, so it has no `sha256`; remove the key".to_owned();
            self.report.error(Some(*place), &format!("{}.sha256", entry.path), text);
        }
        let Some(host) = self.host else { return };
        let plugins = &host.library.built_in;
        if let Some(plugin) = plugins.iter().find(|plugin| plugin.name == name) {
            (library.name, library.version) = (Some(plugin.name.clone()), Some(plugin.version.clone()));
            return;
        }
        let names: Vec<_> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
        let text = match (nearest(name, names.iter().copied()), names.is_empty()) {
            (_, true) => format!("the host has no plugin `{name}`: none is compiled in"),
            (Some(meant), _) => {
                format!("the host has no plugin `{name}`; did you mean `{meant}`? There are: {}", names.join(", "))
            }
            (None, _) => format!("the host has no plugin `{name}`; there are: {}", names.join(", ")),
        };
        self.error(entry, text);
    }

    fn file(&mut self, entry: &Entry, path: &Path, library: &mut LibraryReport) {
        let content = match read::read_only(path) {
            Ok(content) => content,
            Err(error) => {
                let hint = like(path).map(|meant| format!("; did you mean `{}`?", meant.display())).unwrap_or_default();
                return self.error(entry, format!("{error}{hint}"));
            }
        };
        let (file, records) = match inspect::read(&content.bytes, &content.hash) {
            Ok(read) => read,
            Err(error) => return self.error(entry, format!("library `{}`: {error}", path.display())),
        };
        library.sha256 = Some(file.sha256.clone());
        if let Some((expected, place)) = entry.sha256.as_ref().filter(|(expected, _)| *expected != file.sha256) {
            let text = format!(
                "library `{}`: expected the SHA-256 {expected}, found {}; install the file that was meant, or put the hash of this one \
                 here if it is trusted",
                path.display(),
                file.sha256
            );
            self.report.error(Some(*place), &format!("{}.sha256", entry.path), text);
        }
        if let Some(plugin) = &file.plugin {
            (library.name, library.version) = (Some(plugin.name.clone()), Some(plugin.version.clone()));
        }
        let misfit = |text: &str| format!("library `{}`: {text}", path.display());
        if let Err(problem) = image::can_be_opened(path, &content.bytes) {
            return self.error(entry, misfit(&problem));
        }
        match (&file.problem, file.kind) {
            (Some(problem), _) => self.error(entry, misfit(problem)),
            (None, FileKind::CLibrary) => self.c_library(entry, path, &content.bytes, &file),
            (None, _) => match file::described(records) {
                Ok(described) => self.plugin(entry, path, described),
                Err(problem) => self.error(entry, misfit(&problem)),
            },
        }
    }

    /// Whether the server can keep what is to be done when a callout fails.
    fn failure_policy(&mut self, entry: &Entry) {
        let Some((policy, place)) = &entry.failure_policy else { return };
        let Some(known) = self.known.first().filter(|_| self.host.is_some()) else { return };
        if let Err(text) = failure::check(policy, &known.registry, &Registry::default()) {
            self.report.error(Some(*place), &format!("{}.on-failure", entry.path), text);
        }
    }

    fn plugin(&mut self, entry: &Entry, path: &Path, described: Described) {
        let mut told = Vec::new();
        for known in &self.known {
            let host = file::Host {
                name: &known.name,
                build: known.host.clone(),
                // The server's configuration decides how many threads there are.
                multi_threading: false,
                is_complete: self.host.is_some(),
            };
            for misfit in file::misfits(&described, &host, &known.registry) {
                if !told.contains(&misfit) {
                    told.push(misfit);
                }
            }
        }
        if self.known.is_empty() {
            let alone = file::Host { name: "the host", build: None, multi_threading: false, is_complete: false };
            told = file::misfits(&described, &alone, &Registry::default());
        }
        for misfit in told {
            let text = format!("library `{}`: {}", path.display(), misfit.text);
            let element = format!("{}.library", entry.path);
            self.report.callout_error(entry.place, &element, text, misfit.callout);
        }
        if !described.plugin.multi_threading_compatible {
            let text = format!(
                "library `{}`: plugin `{}` is not multi-threading compatible; a server that works with several threads refuses it",
                path.display(),
                described.plugin.name
            );
            self.warning(entry, text);
        }
        if self.host.is_some() {
            for callout in &described.records.callouts {
                self.unknown(entry, path, callout);
            }
        }
        let mine = |name: &str| name == COMMAND_CALLOUT || name == "context_create" || name == "context_destroy";
        let points: Vec<PointInfo> = match self.host {
            Some(_) => described.records.points,
            // What the framework declares is that of each library's own version of it; the server's decides.
            None => described.records.points.into_iter().filter(|point| !mine(&point.name)).collect(),
        };
        match self.known.first_mut().filter(|_| self.host.is_some()) {
            Some(host) => host.registry.learn(points),
            None => {
                let is_new =
                    |point: &PointInfo| self.known.iter().all(|known| known.registry.find(&point.name).is_none());
                let registry = Registry::of(points.into_iter().filter(is_new).collect());
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let host = Some(described.library.build.clone());
                self.known.push(Known { name: format!("`{name}`"), host, registry });
            }
        }
    }

    /// Warns of a callout at a hook point that nobody but its own library knows.
    fn unknown(&mut self, entry: &Entry, path: &Path, callout: &CalloutRecordInfo) {
        let Some(known) = self.known.first() else { return };
        let hook = &callout.hook;
        // One by name is an error already.
        if known.registry.shape_for_callout(hook).is_some() || callout.arguments.is_empty() {
            return;
        }
        let meant = known.registry.nearest(hook).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        let text = format!(
            "library `{}`: callout `{}`: the host has no hook point `{hook}`, so it is called only if a library calls it{meant} (the \
             callout is at {}:{})",
            path.display(),
            callout.name,
            callout.file,
            callout.line
        );
        self.warning(entry, text);
    }

    fn c_library(&mut self, entry: &Entry, path: &Path, bytes: &[u8], library: &LibraryFile) {
        let empty = Registry::default();
        let registry = self.known.first().filter(|_| self.host.is_some()).map_or(&empty, |known| &known.registry);
        let Some(symbols) = Binary::parse(bytes).ok().and_then(|binary| c::file::of(&binary)) else { return };
        let problems = symbols.problems(registry, false);
        let mut warnings = Vec::new();
        if !symbols.is_said_to_be_multi_threading_compatible() {
            warnings.push(
                "it has no function `int multi_threading_compatible(void)`; a server that works with several threads refuses it"
                    .to_owned(),
            );
        }
        if self.host.is_some() {
            for symbol in library.exported.iter().filter(|symbol| registry.find(symbol).is_none()) {
                if let Some(meant) = registry.nearest(symbol) {
                    warnings
                        .push(format!("its symbol `{symbol}` has the name of no hook point; did you mean `{meant}`?"));
                }
            }
            if symbols.hooks(registry).is_empty() && !library.exported.iter().any(|symbol| symbol == "load") {
                warnings.push(
                    "none of its functions has the name of a hook point, and it has no `load` that could register one, so nothing \
                     of it is ever called"
                        .to_owned(),
                );
            }
        }
        for problem in problems {
            self.error(entry, format!("library `{}`: {problem}", path.display()));
        }
        for warning in warnings {
            let text = format!("library `{}`: {warning}", path.display());
            self.warning(entry, text);
        }
    }

    fn warning(&mut self, entry: &Entry, text: String) {
        self.report.warning(Some(entry.place), &format!("{}.library", entry.path), text);
    }

    fn error(&mut self, entry: &Entry, text: String) {
        self.report.error(Some(entry.place), &format!("{}.library", entry.path), text);
    }
}

/// A file in the same folder whose name is like that of `path`, which is not there.
fn like(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = std::fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<_> = names.collect();
    nearest(name, names.iter().map(String::as_str)).map(|name| path.with_file_name(name))
}
