//! The hook points of this process: the host's own and those that libraries bring along, by name and by index.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::abi::compare;
use crate::abi::decode;
use crate::abi::info::PointInfo;
use crate::abi::point::{COMMAND, HookPoint, UNKNOWN};
use crate::abi::record::PointRecord;
use crate::command::is_command;
use crate::error::{Error, Kind};
use crate::slices;
use crate::status::NextStep;

/// The hook point whose shape all commands have; it is not called itself.
pub(crate) const COMMAND_CALLOUT: &str = "command_callout";
/// The hook points that the framework calls itself, by their indexes.
const RESERVED: [&str; 2] = ["context_create", "context_destroy"];

/// One registry for the process, because the statics of the hook points are there once for the process.
static REGISTRY: OnceLock<Mutex<Registry>> = OnceLock::new();

/// All hook points by index.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    points: Vec<Registered>,
    indexes: HashMap<String, u32>,
    /// The shape of all commands.
    command: Option<Arc<PointInfo>>,
    /// How many `Hooks` have something out of the ordinary for their calls.
    rare: u32,
    /// Why the binary's own hook points cannot be used: two declarations of one name.
    broken: Option<String>,
}

#[derive(Debug)]
struct Registered {
    info: Arc<PointInfo>,
    /// The statics of this hook point: the host's, and one in each library that links the interface crate.
    copies: Vec<&'static HookPoint>,
    attached: u32,
    /// Whether it was registered at run time, without a declaration.
    is_late: bool,
}

/// Locks the registry, which collects the binary's own hook points the first time.
pub(crate) fn lock() -> MutexGuard<'static, Registry> {
    let registry = REGISTRY.get_or_init(|| {
        let mut registry = Registry::default();
        let rank = |point: &&'static HookPoint| {
            let name = decode::point(point.record()).map(|info| info.name).unwrap_or_default();
            RESERVED.iter().position(|reserved| *reserved == name).unwrap_or(RESERVED.len())
        };
        let mut points: Vec<&'static HookPoint> = slices::points().map(|declared| declared.point).collect();
        points.sort_by_cached_key(rank);
        for point in points {
            if let Err(error) = registry.add_own(point) {
                registry.broken.get_or_insert(error);
            }
        }
        Mutex::new(registry)
    });
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this binary itself knows of the hook point `name`, if it declares it; for a command, of the shape of all.
///
/// A binary's own hook points come first into the registry, so no other one has this name.
pub(crate) fn details(name: &str) -> Option<&'static PointRecord> {
    let name = if is_command(name) { COMMAND_CALLOUT } else { name };
    slices::points().map(|declared| declared.record).find(|record| record.name == name)
}

/// The candidate that is most like `name`, if one differs by no more than a slip of the pen.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The comparison takes the product of the lengths.
    let is_short = |text: &str| text.len() <= 100;
    let rated = candidates.filter(|candidate| is_short(candidate) && is_short(name));
    let rated = rated.map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate));
    let (distance, meant) = rated.min_by_key(|(distance, _)| *distance)?;
    (distance > 0 && distance * 3 <= name.chars().count().max(3)).then_some(meant)
}

impl Registry {
    /// The hook points of another binary, as its records have them: nothing can be attached to them.
    #[cfg(any(test, feature = "cli"))]
    pub(crate) fn of(points: Vec<PointInfo>) -> Registry {
        let mut registry = Registry::default();
        registry.learn(points);
        registry
    }

    /// Adds the hook points among `points` whose names are new, as loading their library would.
    pub(crate) fn learn(&mut self, points: Vec<PointInfo>) {
        for point in points {
            if point.name == COMMAND_CALLOUT {
                self.command.get_or_insert_with(|| Arc::new(point));
            } else if !self.indexes.contains_key(&point.name) {
                self.insert(point, None);
            }
        }
    }

    /// The name that is most like `name`, if one is.
    #[cfg(feature = "cli")]
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.points.iter().map(|point| point.info.name.as_str()))
    }
}

impl Registry {
    /// An error if two of the binary's own declarations have one name.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.broken {
            None => Ok(()),
            Some(text) => Err(Error::new(Kind::HookPoint, text.clone())),
        }
    }

    fn add_own(&mut self, point: &'static HookPoint) -> Result<(), String> {
        let info = decode::point(point.record())?;
        if let Some(&index) = self.indexes.get(&info.name) {
            let first = &self.points[index as usize].info;
            return Err(format!(
                "the hook point `{}` is declared twice: at {}:{} and at {}:{}; rename one of them, or link only one version \
                 of the crate that declares it",
                info.name, first.file, first.line, info.file, info.line
            ));
        }
        if info.name == COMMAND_CALLOUT {
            if self.command.is_some() {
                return Err(format!(
                    "the hook point `{COMMAND_CALLOUT}` is the framework's; another one cannot be declared"
                ));
            }
            self.command = Some(Arc::new(info));
            point.set_index(COMMAND);
            return Ok(());
        }
        self.insert(info, Some(point));
        Ok(())
    }

    /// A hook point's static in a library: known by name already, or new.
    pub(crate) fn add_copy(&mut self, point: &'static HookPoint) -> Result<(), String> {
        let info = decode::point(point.record())?;
        if info.name == COMMAND_CALLOUT {
            let same = self.command.as_ref().is_some_and(|command| compare::same_point(&info, command));
            point.set_index(if same { COMMAND } else { UNKNOWN });
            return Ok(());
        }
        let Some(&index) = self.indexes.get(&info.name) else {
            self.insert(info, Some(point));
            return Ok(());
        };
        let registered = &mut self.points[index as usize];
        if compare::same_point(&info, &registered.info) {
            point.set_index(index);
            point.set_attached(registered.attached > 0, self.rare > 0);
            registered.copies.push(point);
        } else {
            point.set_unusable();
        }
        Ok(())
    }

    /// A library that brought these statics is about to be unmapped; what it declared stays known by name.
    pub(crate) fn forget(&mut self, points: &[&'static HookPoint]) {
        for registered in &mut self.points {
            registered.copies.retain(|copy| !points.iter().any(|point| std::ptr::eq(*point, *copy)));
        }
    }

    fn insert(&mut self, info: PointInfo, point: Option<&'static HookPoint>) -> u32 {
        let index = self.points.len() as u32;
        if let Some(point) = point {
            point.set_index(index);
        }
        self.indexes.insert(info.name.clone(), index);
        let is_late = point.is_none();
        self.points.push(Registered { info: Arc::new(info), copies: Vec::from_iter(point), attached: 0, is_late });
        index
    }

    /// A hook point without a declaration, registered at `file` and `line`; the same place may do it again.
    pub(crate) fn register(&mut self, name: &str, file: &str, line: u32) -> Result<u32, String> {
        if let Some(&index) = self.indexes.get(name) {
            let known = &self.points[index as usize];
            if known.is_late && known.info.file == file && known.info.line == line {
                return Ok(index);
            }
            if RESERVED.contains(&name) {
                return Err(format!(
                    "the hook point `{name}`, registered at {file}:{line}, is reserved: the framework declares it at {}:{} and \
                     calls it for each request; choose another name",
                    known.info.file, known.info.line
                ));
            }
            return Err(format!(
                "the hook point `{name}` is registered twice: at {}:{} and at {file}:{line}; rename one of them",
                known.info.file, known.info.line
            ));
        }
        if name.is_empty() || name.chars().any(char::is_control) || is_command(name) || name == COMMAND_CALLOUT {
            return Err(format!(
                "`{}`, registered at {file}:{line}, cannot be a hook point's name: it must not be empty, begin with `$` (commands \
                 do), be `{COMMAND_CALLOUT}`, or have control characters",
                name.escape_debug()
            ));
        }
        let all = NextStep::ALL.iter().fold(0, |bits, status| bits | 1 << *status as u8);
        let info = PointInfo {
            name: name.to_owned(),
            file: file.to_owned(),
            line,
            statuses: all,
            on_failure: NextStep::Drop as u8,
            arguments: Vec::new(),
        };
        Ok(self.insert(info, None))
    }

    /// The hook point of a callout: that of a command is made if it is not there.
    pub(crate) fn find_for_callout(&mut self, name: &str) -> Option<(u32, Arc<PointInfo>)> {
        if let Some((index, point)) = self.find(name) {
            return Some((index, Arc::clone(point)));
        }
        let shape = self.command.as_ref().filter(|_| is_command(name))?;
        let info = PointInfo { name: name.to_owned(), ..PointInfo::clone(shape) };
        let index = self.insert(info, None);
        Some((index, Arc::clone(&self.points[index as usize].info)))
    }

    /// What a callout of the hook point `name` is compared with, if it is known.
    pub(crate) fn shape_for_callout(&self, name: &str) -> Option<&Arc<PointInfo>> {
        if is_command(name) { self.command.as_ref() } else { self.find(name).map(|(_, point)| point) }
    }

    /// Says that there is no hook point `name`.
    pub(crate) fn unknown(&self, name: &str) -> String {
        if name == COMMAND_CALLOUT {
            return "which command? Name it with `#[callout(command = \"…\")]`, or use `register_command_callout`"
                .to_owned();
        }
        let names: Vec<_> = self.points.iter().map(|point| point.info.name.as_str()).collect();
        let meant = match nearest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`? There are"),
            None => "there are".to_owned(),
        };
        format!("no hook point has the name `{name}`; {meant}: {}", names.join(", "))
    }

    /// Hook points so far.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// The index and the description of the hook point `name`.
    pub(crate) fn find(&self, name: &str) -> Option<(u32, &Arc<PointInfo>)> {
        let &index = self.indexes.get(name)?;
        Some((index, &self.points[index as usize].info))
    }

    /// The description of the hook point `index`.
    pub(crate) fn info(&self, index: u32) -> Option<&Arc<PointInfo>> {
        self.points.get(index as usize).map(|point| &point.info)
    }

    /// The names of all hook points, in the order of their indexes.
    pub(crate) fn names(&self) -> Vec<String> {
        self.points.iter().map(|point| point.info.name.clone()).collect()
    }

    /// One more generation, or observer, wants calls of these hook points.
    pub(crate) fn attach(&mut self, indexes: impl Iterator<Item = u32>) {
        self.change(indexes, |attached| attached + 1);
    }

    /// Undoes [`Self::attach`].
    pub(crate) fn detach(&mut self, indexes: impl Iterator<Item = u32>) {
        self.change(indexes, |attached| attached - 1);
    }

    fn change(&mut self, indexes: impl Iterator<Item = u32>, to: impl Fn(u32) -> u32) {
        for index in indexes {
            let point = &mut self.points[index as usize];
            point.attached = to(point.attached);
            for copy in &point.copies {
                copy.set_attached(point.attached > 0, self.rare > 0);
            }
        }
    }

    /// One more `Hooks` has something out of the ordinary for its calls, or one less.
    pub(crate) fn set_rare(&mut self, is_rare: bool) {
        self.rare = if is_rare { self.rare + 1 } else { self.rare - 1 };
        for point in self.points.iter().filter(|point| point.attached > 0) {
            for copy in &point.copies {
                copy.set_attached(true, self.rare > 0);
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Hooks, Observer};

    struct Nothing;
    impl Observer for Nothing {}

    #[test]
    fn hooks_that_are_gone_slow_no_others_down() {
        let hooks = Hooks::new();
        let handle = hooks.handle();
        let before = lock().rare;
        hooks.set_observer(Some(Arc::new(Nothing)));
        drop(hooks);
        drop(handle);
        assert_eq!(lock().rare, before);
    }
}
