//! The hook points of this process: the host's own and those that libraries bring along, by name and by index.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::abi::compare;
use crate::abi::decode;
use crate::abi::info::PointInfo;
use crate::abi::point::HookPoint;
use crate::error::{Error, Kind};
use crate::slices::HOOKS_0_1_POINTS;

/// One registry for the process, because the statics of the hook points are there once for the process.
static REGISTRY: OnceLock<Mutex<Registry>> = OnceLock::new();

/// All hook points by index.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    points: Vec<Registered>,
    indexes: HashMap<String, u32>,
    /// Why the binary's own hook points cannot be used: two declarations of one name.
    broken: Option<String>,
}

#[derive(Debug)]
struct Registered {
    info: Arc<PointInfo>,
    /// The statics of this hook point: the host's, and one in each library that links the interface crate.
    copies: Vec<&'static HookPoint>,
    attached: u32,
}

/// Locks the registry, which collects the binary's own hook points the first time.
pub(crate) fn lock() -> MutexGuard<'static, Registry> {
    let registry = REGISTRY.get_or_init(|| {
        let mut registry = Registry::default();
        for point in HOOKS_0_1_POINTS {
            if let Err(error) = registry.add_own(point) {
                registry.broken.get_or_insert(error);
            }
        }
        Mutex::new(registry)
    });
    registry.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.insert(info, point);
        Ok(())
    }

    /// A hook point's static in a library: known by name already, or new.
    pub(crate) fn add_copy(&mut self, point: &'static HookPoint) -> Result<(), String> {
        let info = decode::point(point.record())?;
        let Some(&index) = self.indexes.get(&info.name) else {
            self.insert(info, point);
            return Ok(());
        };
        let registered = &mut self.points[index as usize];
        if compare::same_point(&info, &registered.info) {
            point.set_index(index);
            point.set_attached(registered.attached);
            registered.copies.push(point);
        } else {
            point.set_unusable();
        }
        Ok(())
    }

    fn insert(&mut self, info: PointInfo, point: &'static HookPoint) {
        let index = self.points.len() as u32;
        point.set_index(index);
        self.indexes.insert(info.name.clone(), index);
        self.points.push(Registered { info: Arc::new(info), copies: vec![point], attached: 0 });
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
                copy.set_attached(point.attached);
            }
        }
    }
}
